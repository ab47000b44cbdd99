// The built-in video encoder: pictures spread over the clip and its sound track. An animated GIF or WebP is a
// clip without sound. See docs/features-video.md.
#pragma once

#include <memory>

#include "schemas/result.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

/// A task is answered with the encodings of what the file has: Modality::video for its pictures and
/// Modality::audio for its sound; a note on the one says why the other is missing. Only where there is
/// neither is it an error: that of the pictures (see sample_video() and
/// sample_animation()). Each may be several, of other models: what networks see
/// in the pictures (picture_networks.hpp). `files.packages`: their folder; `files` is also
/// make_audio_encoder()'s, whose heads it brings.
Result<std::unique_ptr<Encoder>> make_video_encoder(const EncoderFiles& files,
                                                    const MediaLimits& limits = {});

}  // namespace bgm
