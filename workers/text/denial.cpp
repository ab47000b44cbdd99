#include "workers/text/denial.hpp"

#include <algorithm>
#include <array>

namespace bgm {
namespace {

using Word = std::u32string_view;

constexpr int kWordsBehind = 7;
constexpr int kWordsBefore = 3;

// Written without apostrophes too, as people do. In the order of the alphabet.
constexpr std::array<Word, 45> kNegators{
    U"aint",       U"arent",   U"barely",   U"cannot",  U"cant",     U"couldnt", U"didnt",   U"doesnt",
    U"dont",       U"fail",    U"failed",   U"fails",   U"hadnt",    U"hardly",  U"hasnt",   U"havent",
    U"impossible", U"isnt",    U"lack",     U"lacks",   U"nah",      U"neither", U"never",   U"no",
    U"nobody",     U"none",    U"nope",     U"nor",     U"not",      U"nothing", U"nowhere", U"rarely",
    U"refuse",     U"refused", U"scarcely", U"seldom",  U"shouldnt", U"stop",    U"unable",  U"wasnt",
    U"werent",     U"without", U"wont",     U"wouldnt", U"zero",
};
static_assert(std::is_sorted(kNegators.begin(), kNegators.end()));
constexpr std::array<Word, 8> kNewClause{U"but",     U"because", U"though", U"although",
                                         U"however", U"except",  U"unless", U"until"};

bool begins_clause(Word word) {
    return std::find(kNewClause.begin(), kNewClause.end(), word) != kNewClause.end();
}

bool ends_clause(Word mark) {
    constexpr Word kMarks = U".,!?;:…";
    return kMarks.find(mark.front()) != Word::npos;
}

class Finder {
 public:
    Finder(const NormalisedText& text, std::vector<std::uint8_t>& denied) : text_(text), denied_(denied) {
        denied_.assign(text.tokens.size(), 0);
    }

    void run() {
        for (std::size_t i = 0; i < denied_.size(); ++i) {
            const TokenKind kind = text_.tokens[i].kind;
            if (kind == TokenKind::word) {
                english(i);
            } else if (kind == TokenKind::hangul) {
                korean(i);
            }
        }
    }

 private:
    Word at(std::size_t i) const { return text_.characters(text_.tokens[i]); }
    bool is(std::size_t i, TokenKind kind) const { return text_.tokens[i].kind == kind; }
    bool is_word(std::size_t i) const { return is(i, TokenKind::word) || is(i, TokenKind::hangul); }
    Word before(std::size_t i) const { return i > 0 && is_word(i - 1) ? at(i - 1) : Word(); }
    void turn(std::size_t i) { denied_[i] ^= 1U; }

    bool negates(std::size_t i) const {
        const Word word = at(i);
        if (word.size() > 3 && word.ends_with(U"n't")) return true;
        if (word == U"from") return before(i) == U"far" || before(i) == U"free";
        if (word == U"but") return before(i) == U"anything";
        if (word == U"to") return before(i) == U"hard" || before(i) == U"difficult";
        return std::binary_search(kNegators.begin(), kNegators.end(), word);
    }

    void english(std::size_t i) {
        if (!negates(i)) return;
        int words = kWordsBehind;
        for (std::size_t k = i + 1; k < denied_.size() && words > 0; ++k) {
            if (is(k, TokenKind::punctuation) && ends_clause(at(k))) return;
            if (!is_word(k)) continue;
            if (begins_clause(at(k)) && !negates(k)) return;
            turn(k);
            --words;
        }
    }

    // Of -고 only the one that joins clauses: neither "-다고" (that) nor "-고 싶다" (want to).
    bool ends_korean_clause(std::size_t i) const {
        const Word word = at(i);
        if (word.size() < 2) return false;
        constexpr std::array<Word, 6> kEndings{U"데", U"지만", U"니까", U"어서", U"아서", U"면서"};
        if (std::any_of(kEndings.begin(), kEndings.end(), [&](Word one) { return word.ends_with(one); }))
            return true;
        if (word.back() != U'고') return word.ends_with(U"워서") || word.ends_with(U"해서");
        constexpr Word kSaying = U"다라자냐";
        if (kSaying.find(word[word.size() - 2]) != Word::npos) return false;
        return !(i + 1 < denied_.size() && (at(i + 1).starts_with(U"싶") || at(i + 1).starts_with(U"있")));
    }

    void deny_before(std::size_t i) {
        int words = kWordsBefore;
        for (std::size_t k = i; k > 0 && words > 0; --k) {
            if (is(k - 1, TokenKind::punctuation) && ends_clause(at(k - 1))) return;
            if (!is_word(k - 1)) continue;
            if (ends_korean_clause(k - 1)) return;
            turn(k - 1);
            --words;
        }
    }

    // "재미없다", "즐겁지않다", "감동은커녕": the denial is a part of the word.
    static bool denies_itself(Word word) {
        for (std::size_t i = 1; i < word.size(); ++i) {
            if (word[i] == U'없') return true;
            if (i + 1 == word.size()) return false;
            const char32_t next = word[i + 1];
            if (word[i] == U'지' && (next == U'않' || next == U'못' || next == U'마' || next == U'말'))
                return true;
            if (word[i] == U'커' && next == U'녕') return true;
        }
        return false;
    }

    bool denies_what_is_before(std::size_t i) const {
        const Word word = at(i);
        const char32_t second = word.size() > 1 ? word[1] : 0;
        const auto second_is_in = [&](Word syllables) { return syllables.find(second) != Word::npos; };
        switch (word.front()) {
            case U'없':
            case U'않':
                return true;
            case U'안':
                return second == 0;
            case U'못':
                return second_is_in(Word(U"\0하해했한할합", 7));
            case U'아':
                return second_is_in(U"니닌냐닙님닐");
            case U'마':
            case U'말':  // "슬퍼하지 마"
                return before(i).ends_with(U'지');
            case U'힘':
            case U'어':  // "즐겁다고 하기 어렵다"
                return second_is_in(U"들렵려") &&
                       (before(i).ends_with(U'기') || before(i).ends_with(U"기가"));
            default:
                return false;
        }
    }

    void korean(std::size_t i) {
        const Word word = at(i);
        const bool itself = denies_itself(word);
        if (!itself && !denies_what_is_before(i)) return;
        if (itself) turn(i);
        if (word.size() == 1 && (word.front() == U'안' || word.front() == U'못') && i + 1 < denied_.size() &&
            is_word(i + 1))
            turn(i + 1);
        deny_before(i);
    }

    const NormalisedText& text_;
    std::vector<std::uint8_t>& denied_;
};

}  // namespace

void find_denied(const NormalisedText& text, std::vector<std::uint8_t>& denied) {
    Finder(text, denied).run();
}

}  // namespace bgm
