// BLIP captioning (BlipForConditionalGeneration of transformers): an image encoder and a text decoder, from a
// model directory as downloaded.
//
// Belongs to one thread. Methods throw what libtorch throws: captioner.hpp is the door for everybody else.
#pragma once

#include <filesystem>

#include "workers/encoders/blip_config.hpp"
#include "workers/encoders/caption_decoder.hpp"
#include "workers/encoders/caption_vision.hpp"

namespace bgm {

struct Blip {
    BlipConfig config;
    CaptionVision vision;
    CaptionDecoder decoder;

    /// The error names the file and the key or tensor.
    static Result<Blip> open(const std::filesystem::path& directory, const Arithmetic& arithmetic);

    /// Token ids, one row per image, as transformers' generate: each prompt begins with the bos id (without
    /// one, that id alone is the prompt). `image` is what vision.forward gave. `invalid_argument` for ids
    /// outside the vocabulary and for prompts longer than the positions.
    Result<std::vector<std::vector<std::int64_t>>> generate(
        const torch::Tensor& image, std::span<const std::vector<std::int64_t>> prompts,
        const TokenSearch& search) const;
};

}  // namespace bgm
