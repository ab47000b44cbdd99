// The built-in image encoder: a file's bytes in; affect features out (image_features.hpp), what networks see
// in it (picture_networks.hpp), and the writing in it.
#pragma once

#include <memory>

#include "schemas/result.hpp"
#include "workers/image/picture_networks.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

/// Looks for faces and kinds of pictures where `files.packages` are installed. Reads the writing in photos
/// where `files.reading` is there, with the text encoder in `files.models`; without, and with "none", photos
/// are not read. Create it before the process is sandboxed.
Result<std::unique_ptr<Encoder>> make_image_encoder(const EncoderFiles& files,
                                                    const MediaLimits& limits = {});
/// With networks that its owner has opened, and uses on the same thread.
Result<std::unique_ptr<Encoder>> make_image_encoder(const EncoderFiles& files, const MediaLimits& limits,
                                                    std::shared_ptr<PictureNetworks> networks);

}  // namespace bgm
