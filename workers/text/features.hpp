// What the text encoder sees of a post: hashed n-grams in two groups, each summed into a vector of its own.
//
// A feature is a 32-bit number. It is computed with integer arithmetic on code points, never on memory, so
// that it is the same on every machine whatever its byte order:
//   h = class * 0x9E3779B97F4A7C15;  for each code point c: h = (h ^ c) * 0x100000001B3, h ^= h >> 29;
//   feature = the upper half of murmur3's 64-bit finaliser of h
// The weight file stores these numbers: a change of the arithmetic or of what is extracted asks for new
// weights and a new model id.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "workers/text/normalise.hpp"

namespace bgm {

/// Places in a list of features, [begin, end).
struct FeatureRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

struct TextFeatures {
    std::vector<std::uint32_t> words;  // words, pairs, triples, negated words, emoji, marks of emphasis
    std::vector<std::uint32_t>
        characters;  // pieces of words: spelling mistakes and Korean endings are caught here
    // Which of them are words that the text denies ("not happy"), and pieces of those; ascending.
    std::vector<FeatureRange> denied_words;
    std::vector<FeatureRange> denied_characters;

    void clear() {
        words.clear();
        characters.clear();
        denied_words.clear();
        denied_characters.clear();
    }
};

/// The feature of a single word, as extract_features() gives it.
std::uint32_t word_feature(std::u32string_view word);

/// Appends to `out`, in the order of the text; a feature occurs as often as the text holds it.
void extract_features(const NormalisedText& text, TextFeatures& out);

}  // namespace bgm
