#include "workers/text/normalise.hpp"

#include "schemas/utf8.hpp"
#include "workers/text/clean.hpp"
#include "workers/text/emoticons.hpp"
#include "workers/text/hangul_letters.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWordMax = 64;  // longer "words" are keyboard mashing or data; they are cut into pieces

bool is_space(char32_t c) {
    return c == U' ' || c == U'\n' || c == U'\r';
}
bool is_digit(char32_t c) {
    return c >= U'0' && c <= U'9';
}
bool is_hangul(char32_t c) {
    return c >= 0xAC00 && c <= 0xD7A3;
}
bool is_jamo(char32_t c) {
    return (c >= 0x3131 && c <= 0x318E) || is_conjoining_hangul_letter(c);
}
bool is_ascii_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

// Both vowels are the same crying eyes.
char32_t fold_jamo(char32_t c) {
    return c == U'ㅜ' ? U'ㅠ' : c;
}

/// Walks the clean text once and appends tokens.
class Tokeniser {
 public:
    explicit Tokeniser(std::u32string_view text) : text_(text) { out_.text.reserve(text.size()); }

    NormalisedText run() {
        while (at_ < text_.size()) {
            if (is_space(text_[at_])) {
                ++at_;
                glued_ = false;
                in_hashtag_ = false;
                continue;
            }
            step();
        }
        return std::move(out_);
    }

 private:
    char32_t peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0'; }
    std::u32string_view rest() const { return text_.substr(at_); }

    bool starts_with_folded(std::u32string_view lower) const {
        if (text_.size() - at_ < lower.size()) return false;
        for (std::size_t i = 0; i < lower.size(); ++i) {
            if (fold_case(text_[at_ + i]) != lower[i]) return false;
        }
        return true;
    }

    void step() {
        const char32_t c = text_[at_];
        if (!glued_ && take_address()) return;
        if (const auto emoticon = match_emoticon(rest(), !glued_ || !previous_is_word());
            emoticon.length > 0) {
            at_ += emoticon.length;
            push(emoticon.name.size() == 1 ? TokenKind::emoji : TokenKind::emoticon, emoticon.name);
            return;
        }
        if (is_hangul(c)) return take_hangul();
        if (is_jamo(c)) return take_jamo();
        if (is_digit(c) || is_letter(c)) return take_word();
        if (is_emoji(c)) return take_emoji();
        if (c == U'#' && (is_letter(peek(1)) || is_digit(peek(1)))) {
            ++at_;
            in_hashtag_ = true;
            return;
        }
        if (c == U'@' && (is_letter(peek(1)) || is_digit(peek(1)) || peek(1) == U'_')) return take_mention();
        if (c == U'[' && take_placeholder()) return;
        if (c == U'_' ||
            is_combining_mark(c)) {  // separates the words of a hashtag; a mark without a letter is noise
            ++at_;
            return;
        }
        take_punctuation();
    }

    bool previous_is_word() const {
        if (out_.tokens.empty()) return false;
        const TokenKind kind = out_.tokens.back().kind;
        return kind == TokenKind::word || kind == TokenKind::number || kind == TokenKind::hangul;
    }

    // Web and mail addresses, and Reddit's u/name and r/name: recognised by how a space-separated chunk
    // starts.
    bool take_address() {
        const char32_t c = text_[at_];
        if (c >= 0x80 && !is_letter(c)) return false;
        if (starts_with_folded(U"http://") || starts_with_folded(U"https://") ||
            starts_with_folded(U"www.") || starts_with_folded(U"pic.twitter.com") ||
            starts_with_folded(U"t.co/") || starts_with_folded(U"youtu.be/")) {
            skip_chunk();
            push(TokenKind::url, U"<url>");
            return true;
        }
        if (starts_with_folded(U"u/") || starts_with_folded(U"/u/") || starts_with_folded(U"r/") ||
            starts_with_folded(U"/r/")) {
            at_ += c == U'/' ? 3 : 2;
            if (at_ < text_.size() &&
                (is_ascii_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == U'_')) {
                skip_name();
                push(TokenKind::mention, U"<user>");
                return true;
            }
            at_ -= c == U'/' ? 3 : 2;
            return false;
        }
        return take_mail_address();
    }

    bool take_mail_address() {
        std::size_t i = at_;
        while (i < text_.size() && i - at_ < kWordMax &&
               (is_ascii_letter(text_[i]) || is_digit(text_[i]) || text_[i] == U'.' || text_[i] == U'_' ||
                text_[i] == U'-')) {
            ++i;
        }
        if (i == at_ || i + 1 >= text_.size() || text_[i] != U'@' || !is_ascii_letter(text_[i + 1]))
            return false;
        skip_chunk();
        push(TokenKind::mention, U"<user>");
        return true;
    }

    void skip_chunk() {
        // Hangul ends an address: "https://a.kr보세요" is written without a space.
        while (at_ < text_.size() && !is_space(text_[at_]) && !is_hangul(text_[at_]) && !is_emoji(text_[at_]))
            ++at_;
    }
    void skip_name() {
        while (at_ < text_.size() && (is_ascii_letter(text_[at_]) || is_digit(text_[at_]) ||
                                      text_[at_] == U'_' || text_[at_] == U'-')) {
            ++at_;
        }
    }

    void take_mention() {
        ++at_;
        while (at_ < text_.size() &&
               (is_ascii_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == U'_' ||
                (text_[at_] == U'.' && is_ascii_letter(peek(1))))) {
            ++at_;
        }
        if (at_ < text_.size() && text_[at_ - 1] == U'@') {  // a name in another script: up to the next space
            while (at_ < text_.size() && is_letter(text_[at_]))
                ++at_;
        }
        push(TokenKind::mention, U"<user>");
    }

    // [NAME], [RELIGION]: capitals in brackets.
    bool take_placeholder() {
        std::size_t i = at_ + 1;
        while (i < text_.size() && i - at_ < 16 && text_[i] >= U'A' && text_[i] <= U'Z')
            ++i;
        if (i - at_ < 4 || i >= text_.size() || text_[i] != U']') return false;
        at_ = i + 1;
        push(TokenKind::placeholder, U"<name>");
        return true;
    }

    void take_hangul() {
        const auto begin = start();
        bool elongated = false;
        char32_t last = 0;
        std::size_t run = 0;
        while (at_ < text_.size() && is_hangul(text_[at_]) && out_.text.size() - begin < kWordMax) {
            const char32_t c = text_[at_++];
            run = c == last ? run + 1 : 1;
            last = c;
            if (run > 2) {
                elongated = true;
                continue;
            }
            out_.text.push_back(c);
        }
        finish(begin, TokenKind::hangul, {.elongated = elongated});
    }

    void take_jamo() {
        const auto begin = start();
        bool elongated = false;
        char32_t last = 0;
        std::size_t run = 0;
        while (at_ < text_.size() && is_jamo(text_[at_]) && out_.text.size() - begin < kWordMax) {
            const char32_t c = fold_jamo(text_[at_]);
            if (last != 0 && c != last && (is_reaction(c) || is_reaction(last))) break;
            ++at_;
            run = c == last ? run + 1 : 1;
            last = c;
            elongated = elongated || run > 1;
            if (run <= 2) out_.text.push_back(c);
        }
        finish(begin, TokenKind::jamo, {.elongated = elongated});
    }
    static bool is_reaction(char32_t c) { return c == U'ㅋ' || c == U'ㅎ' || c == U'ㅠ'; }

    void take_word() {
        const auto begin = start();
        const std::size_t first = at_;
        bool letters = false;
        bool elongated = false;
        bool all_upper = true;
        std::size_t upper = 0;
        char32_t last = 0;
        std::size_t run = 0;
        while (at_ < text_.size() && at_ - first < kWordMax) {
            const char32_t raw = text_[at_];
            const bool letter = is_letter(raw) && !is_hangul(raw) && !is_jamo(raw);
            const bool inner_apostrophe =
                raw == U'\'' && letters && is_letter(peek(1)) && !is_hangul(peek(1));
            const bool mark = is_combining_mark(raw) && letters;
            if (!letter && !is_digit(raw) && !inner_apostrophe && !mark) break;
            if (splits_hashtag(first, raw)) break;
            if (letter) {
                letters = true;
                if (is_upper(raw)) {
                    ++upper;
                } else {
                    all_upper = false;
                }
            }
            const char32_t c = fold_case(raw);
            ++at_;
            run = c == last ? run + 1 : 1;
            last = c;
            if (run > 2 && letter) {
                elongated = true;
                continue;
            }
            out_.text.push_back(c);
        }
        elongated = shorten_laughter(begin) || elongated;
        finish(begin, letters ? TokenKind::word : TokenKind::number,
               {.shouted = all_upper && upper >= 2, .elongated = elongated});
    }

    // "SoHappy", "2020Goals", "NYCMarathon" inside a hashtag: a new word starts at a capital after a small
    // letter, at a capital before a small one, and between letters and digits.
    bool splits_hashtag(std::size_t first, char32_t c) const {
        if (!in_hashtag_ || at_ == first) return false;
        const char32_t before = text_[at_ - 1];
        if (is_digit(before) != is_digit(c)) return true;
        if (!is_upper(c)) return false;
        return !is_upper(before) || (is_letter(peek(1)) && !is_upper(peek(1)) && at_ - first >= 2);
    }

    // hahahaha, lololol, jajaja: a pair repeated three times or more is kept twice.
    bool shorten_laughter(std::size_t begin) {
        const std::size_t length = out_.text.size() - begin;
        if (length < 5) return false;
        const char32_t a = out_.text[begin];
        const char32_t b = out_.text[begin + 1];
        for (std::size_t i = 0; i < length; ++i) {
            if (out_.text[begin + i] != (i % 2 == 0 ? a : b)) return false;
        }
        out_.text.resize(begin + (length % 2 == 0 ? 4 : 3));
        return true;
    }

    void take_emoji() {
        const auto begin = start();
        char32_t c = text_[at_++];
        const bool half_flag = c >= 0x1F1E6 && c <= 0x1F1FF;
        if ((c == U'♀' || c == U'♂') && !out_.tokens.empty() && out_.tokens.back().kind == TokenKind::emoji)
            return;
        out_.text.push_back(c);
        if (half_flag && at_ < text_.size() && text_[at_] >= 0x1F1E6 && text_[at_] <= 0x1F1FF) {
            out_.text.push_back(text_[at_++]);
        }
        finish(begin, TokenKind::emoji, {});
    }

    void take_punctuation() {
        const auto begin = start();
        const char32_t c = text_[at_++];
        std::size_t run = 1;
        while (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            ++run;
        }
        out_.text.push_back(c);
        if (run >= 2 && c != U'…') out_.text.push_back(c);
        finish(begin, TokenKind::punctuation, {.elongated = run >= 3});
    }

    struct Marks {
        bool shouted = false;
        bool elongated = false;
    };

    std::size_t start() const { return out_.text.size(); }

    void finish(std::size_t begin, TokenKind kind, Marks marks) {
        if (out_.text.size() == begin) return;
        out_.tokens.push_back({.begin = static_cast<std::uint32_t>(begin),
                               .end = static_cast<std::uint32_t>(out_.text.size()),
                               .kind = kind,
                               .shouted = marks.shouted,
                               .elongated = marks.elongated,
                               .hashtag = in_hashtag_,
                               .glued = glued_});
        glued_ = true;
    }

    void push(TokenKind kind, std::u32string_view characters) {
        const auto begin = start();
        out_.text.append(characters);
        finish(begin, kind, {});
    }

    std::u32string_view text_;
    std::size_t at_ = 0;
    bool glued_ = false;
    bool in_hashtag_ = false;
    NormalisedText out_;
};

}  // namespace

NormalisedText normalise(std::string_view text) {
    const std::u32string clean = clean_text(text);
    return Tokeniser(clean).run();
}

std::string utf8_of(std::u32string_view text) {
    std::string out;
    out.reserve(text.size() * 3);
    for (char32_t c : text)
        append_utf8(out, c);
    return out;
}

std::string NormalisedText::to_utf8() const {
    std::string out;
    for (const Token& token : tokens) {
        if (!out.empty()) out.push_back(' ');
        out += utf8_of(characters(token));
    }
    return out;
}

}  // namespace bgm
