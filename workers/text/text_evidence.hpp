// How much a text says: the tokens that can carry meaning, and the quality that they give an embedding.
#pragma once

#include <functional>
#include <string_view>

#include "workers/text/normalise.hpp"

namespace bgm {

struct TextEvidence {
    int tokens = 0;       // that can carry meaning: words, emoji that the model knows, emoticons, ㅋㅋ
    int words = 0;        // Latin words among them
    int known_words = 0;  // of those, the ones that the model knows
    int emoji = 0;
    int shouted = 0;
    int exclamations = 0;
};

/// `knows_word` is asked for every Latin word and every emoji; empty: all are known.
TextEvidence weigh(const NormalisedText& text,
                   const std::function<bool(std::u32string_view)>& knows_word = {});

/// 0..1: one word hints, six say something.
float quality_by_tokens(int tokens);

/// What a quality says to a person ("nothing to go by", "very little text"); empty where it is good.
std::string_view note_on_quality(float quality);

}  // namespace bgm
