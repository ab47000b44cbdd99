// The mood head of the built-in video encoder: the image head, and what movement adds.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "schemas/result.hpp"

namespace bgm::heads {

/// The bytes of data/builtin/video_head.safetensors, given those of image_head.safetensors. Fails where the
/// image head was not made for the features that the video encoder computes.
Result<std::string> make_video_head(std::span<const std::byte> image_head);

}  // namespace bgm::heads
