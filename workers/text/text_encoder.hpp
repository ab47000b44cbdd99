// The text modality of the `builtin` preset: a post's text to an embedding, its language, and how much there
// was to go by. Korean and English; anything else gets a low quality and the note "unsupported language".
//
// Files: text.safetensors (read here) and text_head.safetensors (read by whoever turns the embedding into
// mood).
#pragma once

#include <filesystem>
#include <memory>

#include "schemas/result.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// Maps `model_dir`/text.safetensors. `not_found` or `corrupt`, with a message that names the file.
Result<std::unique_ptr<Encoder>> make_text_encoder(const std::filesystem::path& model_dir);

}  // namespace bgm
