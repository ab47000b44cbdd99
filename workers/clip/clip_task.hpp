// A task between its two halves: what the decoders and the tokeniser made of it, ready for the towers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workers/process/staged_encoder.hpp"

namespace bgm {

struct ClipTask final : PreparedTask {
    // Each part that is there becomes one Encoding: the one given here, with the embedding filled in.
    struct Text {
        Encoding encoding = {};
        std::vector<std::int64_t> ids = {};
        std::vector<std::int64_t> sound_words = {};  // for the audio model's text tower; empty: not for it
    };
    /// One or more inputs of a tower, whose embeddings are averaged: a photo, the frames of a video, the
    /// windows of a clip.
    struct Rows {
        Encoding encoding = {};
        std::vector<float> values = {};   // the inputs one behind the other, all of one size
        std::vector<float> weights = {};  // one for each input: what it counts in the average
        bool moving = false;              // pictures: of a video or an animation
    };

    std::optional<Text> text;
    std::optional<Rows> pictures;
    std::optional<Rows> sound;
    std::vector<float> caption_pixels;  // [3, side, side] of the captioner; empty where no caption is wanted

    std::size_t rows() const override {
        return (text ? 1 : 0) + (pictures ? pictures->weights.size() : 0) +
               (sound ? sound->weights.size() : 0);
    }
};

}  // namespace bgm
