// The built-in encoder of what is posted as an image: a still picture by the image encoder, an animated GIF
// or WebP as the short clip that it is. See docs/features-image.md and docs/features-video.md.
#pragma once

#include <memory>

#include "schemas/result.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

/// Its modality is Modality::image, and so is the answer to a still picture: exactly the image encoder's. An
/// animation is answered with an encoding of Modality::video and model kVideoModel, and what networks see in
/// it. Where fewer than two of its frames can be decoded it is a still picture. `files` are
/// make_image_encoder()'s; create it before the process is sandboxed.
Result<std::unique_ptr<Encoder>> make_picture_encoder(const EncoderFiles& files,
                                                      const MediaLimits& limits = {});

}  // namespace bgm
