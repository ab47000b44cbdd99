// The built-in image encoder: a file's bytes in, affect features out (see image_features.hpp), and the
// writing in it.
#pragma once

#include <memory>

#include "schemas/result.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

/// Reads the writing in photos where `files.reading` is there, with the text encoder in `files.models`;
/// without, and with "none", photos are not read. Create it before the process is sandboxed.
Result<std::unique_ptr<Encoder>> make_image_encoder(const EncoderFiles& files,
                                                    const MediaLimits& limits = {});

}  // namespace bgm
