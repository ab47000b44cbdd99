// The built-in audio encoder: sound in, one embedding with facts out. See docs/features-audio.md.
#pragma once

#include <filesystem>
#include <memory>

#include "schemas/result.hpp"
#include "workers/media/av/waveform.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// What the encoder says about sound that is already decoded: an audio clip's or a video's.
///
/// quality is 0 for silence, lower for less than 3 s of sound. facts: seconds, loudness_db (LUFS), tempo_bpm,
/// onset_rate_hz, brightness_hz, mode (> 0 major), speech (0..1), pitch_hz where there is a voice.
Encoding encode_waveform(const Waveform& waveform);

/// `model_dir` is part of every encoder's signature; this one computes its features and reads nothing from
/// there. Errors of a task: those of decode_audio().
Result<std::unique_ptr<Encoder>> make_audio_encoder(const std::filesystem::path& model_dir,
                                                    const MediaLimits& limits = {});

}  // namespace bgm
