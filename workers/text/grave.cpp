#include "workers/text/grave.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "schemas/word_pattern.hpp"

namespace bgm {
namespace {

constexpr std::size_t kGapWords = 3;         // what `_` stands for at most
constexpr std::size_t kLinkedSentences = 1;  // before and behind
constexpr Word kNumber = U"#";
// How sure the network must be: a share of 0.71 alone, and less the more the tables have found, 0.52 at their
// least weight and 0.33 at twice that. Chosen by totals alone on sentences that nothing was learnt from.
constexpr float kSureAlone = 0.9F;         // log-odds
constexpr float kSurenessOfWeight = 0.2F;  // log-odds that a unit of the tables' weight is worth
constexpr float kSpokenOf = 0.5F;          // a subject, of what is grave

bool is_digit(char32_t character) {
    return character >= U'0' && character <= U'9';
}

/// The table, ready to be asked for what a text may begin with at a token.
class Table {
 public:
    struct Pattern {
        const GraveWords* row;
        std::vector<Word> words;
    };

    Table() {
        for (const auto rows : {grave_words(), grave_turns_english(), grave_loss_english(),
                                grave_harm_english(), grave_turns_korean()}) {
            for (const GraveWords& row : rows) {
                for (const Word pattern : split_at(row.patterns, U'|'))
                    add({&row, split_at(pattern, U' ')});
            }
        }
    }

    const std::vector<Pattern>* beginning_with(char32_t first) const {
        const auto found = by_first_.find(first);
        return found == by_first_.end() ? nullptr : &found->second;
    }

    bool matches(Word wanted, Word token) const {
        if (wanted == kNumber) return is_digit(token.front());
        if (wanted.front() == U'@') {
            const Class& members = classes_.at(wanted.substr(1));
            const auto found = members.find(token.front());
            return found != members.end() && std::ranges::any_of(found->second, [&](Word member) {
                       return word_matches(member, token);
                   });
        }
        return word_matches(wanted, token);
    }

 private:
    using Class = std::unordered_map<char32_t, std::vector<Word>>;  // by the first character

    void add(Pattern pattern) {
        const Word first = pattern.words.front();
        for (const Word word : pattern.words) {
            if (word.front() == U'@') add_class(word.substr(1));
        }
        if (first.front() != U'@') return by_first_[first.front()].push_back(std::move(pattern));
        for (const auto& [begin, members] : classes_.at(first.substr(1)))
            by_first_[begin].push_back(pattern);
    }

    void add_class(Word name) {
        const auto [added, is_new] = classes_.try_emplace(name);
        if (!is_new) return;
        for (const Word member : split_at(grave_word_class(name), U'|'))
            added->second[member.front()].push_back(member);
    }

    std::unordered_map<char32_t, std::vector<Pattern>> by_first_;
    std::unordered_map<Word, Class> classes_;
};

struct Match {
    const GraveWords* row;
    std::size_t begin, end;  // tokens

    std::size_t size() const { return end - begin; }
    bool overlaps(const Match& other) const { return begin < other.end && other.begin < end; }
};

bool ends_sentence(Word mark) {
    constexpr Word kMarks = U".!?…";
    return kMarks.find(mark.front()) != Word::npos;
}

class Reading {
 public:
    Reading(const NormalisedText& text, const Table& table) : text_(text), table_(table) {
        for (std::size_t i = 0; i < text.tokens.size(); ++i) {
            if (text.tokens[i].kind == TokenKind::punctuation) {
                if (ends_sentence(at(i))) sentences_.emplace_back();
            } else {
                find_at(i);
            }
        }
        for (Sentence& sentence : sentences_)
            drop_what_only_sounds_so(sentence);
    }

    /// Of the heaviest sentence that names the subject; 0 where none does.
    int weight_of(std::uint8_t subject) const {
        int heaviest = 0;
        for (std::size_t i = 0; i < sentences_.size(); ++i) {
            int weight = 0;
            for (const Match& one : sentences_[i]) {
                if (one.row->role == GraveRole::subject && (one.row->subjects & subject) != 0)
                    weight = std::max(weight, one.row->weight);
            }
            if (weight > 0) heaviest = std::max(heaviest, weight + beside(subject, i));
        }
        return heaviest;
    }

 private:
    using Sentence = std::vector<Match>;

    Word at(std::size_t i) const { return text_.characters(text_.tokens[i]); }

    void find_at(std::size_t i) {
        find_at(i, at(i).front());
        if (is_digit(at(i).front())) find_at(i, kNumber.front());
    }

    void find_at(std::size_t i, char32_t first) {
        const auto* const patterns = table_.beginning_with(first);
        if (patterns == nullptr) return;
        for (const Table::Pattern& pattern : *patterns) {
            const std::size_t end = match_end(pattern.words, 0, i);
            if (end > i) sentences_.back().push_back({pattern.row, i, end});
        }
    }

    // One past the last token that `words`, from `from` on, match at `i`; 0 where they do not. Marks that the
    // pattern does not name end it.
    std::size_t match_end(const std::vector<Word>& words, std::size_t from, std::size_t i) const {
        for (; from < words.size(); ++from, ++i) {
            if (words[from] == U"_") {
                for (std::size_t skipped = 0; skipped <= kGapWords; ++skipped) {
                    if (const std::size_t end = match_end(words, from + 1, i + skipped); end > 0) return end;
                }
                return 0;
            }
            if (i >= text_.tokens.size()) return 0;
            const bool met = text_.tokens[i].kind == TokenKind::punctuation
                                 ? words[from] == at(i)
                                 : table_.matches(words[from], at(i));
            if (!met) return 0;
        }
        return i;
    }

    // An idiom takes what is no longer than itself: "the house is on fire" stays.
    static void drop_what_only_sounds_so(Sentence& sentence) {
        Sentence masks;
        std::ranges::copy_if(sentence, std::back_inserter(masks),
                             [](const Match& one) { return one.row->role == GraveRole::mask; });
        std::erase_if(sentence, [&](const Match& one) {
            if (one.row->role != GraveRole::subject) return one.row->role == GraveRole::mask;
            return std::ranges::any_of(
                masks, [&](const Match& mask) { return mask.overlaps(one) && mask.size() >= one.size(); });
        });
    }

    // Each row of the table counts once, however many of its words are there.
    int beside(std::uint8_t subject, std::size_t at) const {
        std::unordered_set<const GraveWords*> rows;
        int weight = 0;
        const std::size_t last = std::min(at + kLinkedSentences, sentences_.size() - 1);
        for (std::size_t i = at - std::min(at, kLinkedSentences); i <= last; ++i) {
            for (const Match& one : sentences_[i]) {
                if (one.row->role == GraveRole::beside && (one.row->subjects & subject) != 0 &&
                    rows.insert(one.row).second)
                    weight += one.row->weight;
            }
        }
        return weight;
    }

    const NormalisedText& text_;
    const Table& table_;
    std::vector<Sentence> sentences_ = std::vector<Sentence>(1);
};

}  // namespace

GraveFinding weigh_grave(const NormalisedText& text) {
    static const Table kTable;
    const Reading reading(text, kTable);
    GraveFinding found;
    for (const GraveSubject subject : {kGraveDeath, kGraveIllness, kGraveDisaster, kGraveViolence}) {
        const int weight = reading.weight_of(subject);
        if (weight >= kGraveEnough) found.subjects |= subject;
        found.weight = std::max(found.weight, weight);
    }
    return found;
}

std::uint8_t find_grave(const NormalisedText& text) {
    return weigh_grave(text).subjects;
}

Result<GraveReader> GraveReader::open(const std::filesystem::path& models) {
    GraveReader reader;
    const auto file = models / "grave.safetensors";
    if (std::error_code failed; !std::filesystem::exists(file, failed)) return reader;
    auto network = GraveNetwork::open(models);
    if (!network) {
        return Error{
            .code = network.error().code, .message = network.error().message, .field = file.string()};
    }
    reader.network_ = std::make_shared<const GraveNetwork>(*std::move(network));
    return reader;
}

std::uint8_t GraveReader::read(const NormalisedText& text, std::span<const float> feelings) const {
    const GraveFinding found = weigh_grave(text);
    if (!network_) return found.subjects;
    const GraveShares shares = network_->judge(text, feelings);
    const float worth = found.subjects != 0 ? kSurenessOfWeight * static_cast<float>(found.weight) : 0;
    if (shares.any < 1 / (1 + std::exp(worth - kSureAlone))) return 0;
    if (found.subjects != 0) return found.subjects;
    const auto likeliest = static_cast<std::size_t>(std::ranges::max_element(shares.of) - shares.of.begin());
    std::uint8_t subjects = static_cast<std::uint8_t>(1U << likeliest);
    for (std::size_t i = 0; i < shares.of.size(); ++i) {
        if (shares.of[i] >= kSpokenOf) subjects |= static_cast<std::uint8_t>(1U << i);
    }
    return subjects;
}

}  // namespace bgm
