// What config.json says of a BLIP captioning model (BlipForConditionalGeneration), with the defaults of
// transformers' BlipVisionConfig and BlipTextConfig for what it leaves out.
//
// A plain value. Every number is bounded: it decides how much memory is taken.
#pragma once

#include <cstdint>
#include <filesystem>

#include "schemas/result.hpp"
#include "workers/encoders/token_search.hpp"
#include "workers/encoders/transformer.hpp"

namespace bgm {

struct BlipConfig {
    struct Vision {
        std::int64_t image_size = 0;  // pixels a side
        std::int64_t patch_size = 0;
        std::int64_t layers = 0;
        double epsilon = 0;
        BlockShape block;

        std::int64_t patches() const { return (image_size / patch_size) * (image_size / patch_size); }
    };
    struct Text {
        std::int64_t vocabulary = 0;
        std::int64_t positions = 0;  // the most tokens that the decoder can be fed
        std::int64_t layers = 0;
        double epsilon = 0;
        BlockShape block;
        std::int64_t bos_id = 0;
        TokenSearch search;  // how captions are made where nobody says otherwise
    };
    Vision vision;
    Text text;

    /// `not_found` without a config.json; `unsupported` for another family or a way of generating that is not
    /// there; `corrupt`, `too_large` and `invalid_argument` name the key.
    static Result<BlipConfig> read(const std::filesystem::path& directory);
};

}  // namespace bgm
