// The built-in image encoder: a file's bytes in, affect features out (see image_features.hpp). Needs no model
// files.
#pragma once

#include <filesystem>
#include <memory>

#include "schemas/result.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// `model_dir` is taken as every encoder takes it; this one reads nothing from it. Create it before the
/// process is sandboxed.
Result<std::unique_ptr<Encoder>> make_image_encoder(const std::filesystem::path& model_dir,
                                                    const MediaLimits& limits = {});

}  // namespace bgm
