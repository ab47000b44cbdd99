#include "workers/text/features.hpp"

#include <string_view>

#include "workers/text/denial.hpp"

namespace bgm {
namespace {

enum Class : std::uint64_t {
    kWord = 1,
    kSingle,
    kPair,
    kSkip,
    kTriple,
    kNegated,
    kShout,
    kLong,
    kStemPair,
    kCount,
    kEnd,
    kStart,
    kPiece,
    kSyllables,
    kFirst,
    kLast,
    kJamo,
};

constexpr std::uint64_t seed(Class kind) {
    return static_cast<std::uint64_t>(kind) * 0x9E3779B97F4A7C15U;
}

constexpr std::uint64_t step(std::uint64_t h, std::uint64_t value) {
    h = (h ^ value) * 0x100000001B3U;
    return h ^ (h >> 29U);
}

constexpr std::uint32_t finish(std::uint64_t h) {
    h ^= h >> 33U;
    h *= 0xFF51AFD7ED558CCDU;
    h ^= h >> 33U;
    h *= 0xC4CEB9FE1A85EC53U;
    h ^= h >> 33U;
    return static_cast<std::uint32_t>(h >> 32U);
}

std::uint64_t hash(Class kind, std::u32string_view characters) {
    std::uint64_t h = seed(kind);
    for (char32_t c : characters)
        h = step(h, c);
    return h;
}

// Korean verbs by their first two syllables, whatever the ending.
std::uint64_t hash_stem(std::u32string_view word) {
    return hash(kStemPair, word.substr(0, 2));
}

void deny(std::vector<FeatureRange>& ranges, std::size_t begin, std::size_t end) {
    if (begin == end) return;
    if (!ranges.empty() && ranges.back().end == begin) {
        ranges.back().end = static_cast<std::uint32_t>(end);
    } else {
        ranges.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    }
}

// The word with every repeated letter single: "soo" and "so", "happyy" and "happy" meet here.
std::uint64_t hash_single(std::u32string_view word) {
    std::uint64_t h = seed(kWord);
    char32_t last = 0;
    for (char32_t c : word) {
        if (c == last) continue;
        h = step(h, c);
        last = c;
    }
    return h;
}

void word_features(const NormalisedText& text, const std::vector<std::uint8_t>& denied,
                   TextFeatures& features) {
    std::vector<std::uint32_t>& out = features.words;
    std::uint64_t before = step(seed(kPair), 1);  // the text's start counts as a word
    std::uint64_t before_that = 0;
    std::uint64_t stem_before = 0;
    int shouts = 0;
    int elongations = 0;
    int exclamations = 0;
    std::size_t index = 0;
    for (const Token& token : text.tokens) {
        const auto characters = text.characters(token);
        const std::uint64_t term = hash(kWord, characters);
        const std::size_t own = out.size();
        out.push_back(finish(term));
        if (token.kind == TokenKind::punctuation && characters.front() == U'!') ++exclamations;
        if (token.elongated && token.kind == TokenKind::word) out.push_back(finish(hash_single(characters)));
        if (denied[index] != 0) deny(features.denied_words, own, out.size());
        if (token.shouted) {
            out.push_back(finish(step(seed(kShout), term)));
            ++shouts;
        }
        if (token.elongated) ++elongations;
        if (index > 0 || token.kind != TokenKind::punctuation) {
            out.push_back(finish(step(step(seed(kPair), before), term)));
            if (before_that != 0) {
                out.push_back(finish(step(step(step(seed(kTriple), before_that), before), term)));
                out.push_back(finish(step(step(seed(kSkip), before_that), term)));
            }
            before_that = before;
            before = term;
        }
        if (token.kind == TokenKind::word && denied[index] != 0)
            out.push_back(finish(step(seed(kNegated), term)));
        if (token.kind == TokenKind::hangul) {
            const std::uint64_t stem = hash_stem(characters);
            if (stem_before != 0) out.push_back(finish(step(stem_before, stem)));
            stem_before = stem;
            if (denied[index] != 0) out.push_back(finish(step(seed(kNegated), stem)));
        }
        ++index;
    }
    if (!text.tokens.empty()) {
        out.push_back(finish(step(seed(kEnd), before)));
        const auto level = [](int count) { return static_cast<std::uint64_t>(count > 2 ? 3 : count); };
        if (shouts > 0) out.push_back(finish(step(step(seed(kCount), 1), level(shouts))));
        if (elongations > 0) out.push_back(finish(step(step(seed(kCount), 2), level(elongations))));
        if (exclamations > 0) out.push_back(finish(step(step(seed(kCount), 3), level(exclamations))));
        std::uint64_t bucket = 0;
        for (std::size_t n = text.tokens.size(); n > 0; n /= 2)
            ++bucket;
        out.push_back(finish(step(step(seed(kCount), 4), bucket)));
    }
}

void pieces_of_word(std::u32string_view word, std::vector<std::uint32_t>& out) {
    constexpr std::size_t kMin = 2;
    constexpr std::size_t kMax = 5;
    const std::size_t length = word.size() + 2;
    const auto at = [&](std::size_t i) { return i == 0 ? U'\1' : i == length - 1 ? U'\2' : word[i - 1]; };
    for (std::size_t begin = 0; begin + kMin <= length; ++begin) {
        std::uint64_t h = seed(kPiece);
        for (std::size_t n = 1; n <= kMax && begin + n <= length; ++n) {
            h = step(h, at(begin + n - 1));
            if (n >= kMin) out.push_back(finish(h));
        }
    }
}

// A Hangul syllable is 0xAC00 + (first * 21 + vowel) * 28 + last.
void jamo_of(char32_t syllable, std::u32string& out) {
    const char32_t index = syllable - 0xAC00;
    out.push_back(0x1100 + index / (21 * 28));
    out.push_back(0x1161 + index / 28 % 21);
    if (index % 28 != 0) out.push_back(0x11A7 + index % 28);
}

struct Run {
    std::u32string syllables;
    std::vector<bool> starts_word;  // one a syllable, as is the next
    std::vector<bool> denied;
    bool some_denied = false;

    void clear() {
        syllables.clear();
        starts_word.clear();
        denied.clear();
        some_denied = false;
    }
};

// Neighbouring Korean words form one run of syllables: where the spaces go is what Korean writers agree least
// on.
void pieces_of_run(const Run& run, TextFeatures& features) {
    const std::u32string& syllables = run.syllables;
    std::vector<std::uint32_t>& out = features.characters;
    for (std::size_t begin = 0; begin < syllables.size(); ++begin) {
        std::uint64_t h = seed(kSyllables);
        std::uint64_t first = seed(kFirst);
        const std::size_t own = out.size();
        for (std::size_t n = 1; n <= 5 && begin + n <= syllables.size(); ++n) {
            h = step(h, syllables[begin + n - 1]);
            out.push_back(finish(h));
            if (run.starts_word[begin] && n <= 3) {
                first = step(first, syllables[begin + n - 1]);
                out.push_back(finish(first));
            }
        }
        if (run.some_denied && run.denied[begin]) deny(features.denied_characters, own, out.size());
    }
    std::u32string jamo;
    std::vector<bool> jamo_denied;
    jamo.reserve(syllables.size() * 3);
    for (std::size_t i = 0; i < syllables.size(); ++i) {
        const char32_t c = syllables[i];
        if (c >= 0xAC00 && c <= 0xD7A3) {
            jamo_of(c, jamo);
        } else {
            jamo.push_back(c);
        }
        if (run.some_denied) jamo_denied.resize(jamo.size(), run.denied[i]);
    }
    for (std::size_t begin = 0; begin + 3 <= jamo.size(); ++begin) {
        std::uint64_t h = seed(kJamo);
        const std::size_t own = out.size();
        for (std::size_t n = 1; n <= 6 && begin + n <= jamo.size(); ++n) {
            h = step(h, jamo[begin + n - 1]);
            if (n >= 4) out.push_back(finish(h));
        }
        if (run.some_denied && jamo_denied[begin]) deny(features.denied_characters, own, out.size());
    }
}

void character_features(const NormalisedText& text, const std::vector<std::uint8_t>& denied,
                        TextFeatures& features) {
    Run run;
    const auto flush = [&] {
        if (run.syllables.empty()) return;
        pieces_of_run(run, features);
        run.clear();
    };
    for (std::size_t index = 0; index < text.tokens.size(); ++index) {
        const Token& token = text.tokens[index];
        const auto characters = text.characters(token);
        if (token.kind == TokenKind::hangul || token.kind == TokenKind::jamo) {
            run.syllables += characters;
            run.some_denied = run.some_denied || denied[index] != 0;
            run.denied.resize(run.syllables.size(), denied[index] != 0);
            run.starts_word.push_back(true);
            run.starts_word.resize(run.syllables.size(), false);
            continue;
        }
        flush();
        if (token.kind != TokenKind::word) continue;
        const std::size_t own = features.characters.size();
        pieces_of_word(characters, features.characters);
        if (denied[index] != 0) deny(features.denied_characters, own, features.characters.size());
    }
    flush();
}

}  // namespace

std::uint32_t word_feature(std::u32string_view word) {
    return finish(hash(kWord, word));
}

void extract_features(const NormalisedText& text, TextFeatures& out) {
    thread_local std::vector<std::uint8_t> denied;
    find_denied(text, denied);
    word_features(text, denied, out);
    character_features(text, denied, out);
}

}  // namespace bgm
