// The built-in audio encoder: sound in, one embedding with facts out. See docs/features-audio.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/speech_gate.hpp"
#include "workers/media/av/waveform.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/process/encoder.hpp"
#include "workers/process/encoder_files.hpp"

namespace bgm {

/// What the encoder says about sound that is already decoded: an audio clip's or a video's.
///
/// Its model is kVoiceModel where at least half of what sounds is speech, else kMusicModel. Without a gate a
/// rule tells them apart. quality is 0 for silence, lower for less than 3 s of sound, 1.5 s of a voice.
/// facts: seconds, loudness_db (LUFS), speech and music (0..1, together 1; silent: 1 where nothing is heard),
/// onset_rate_hz, brightness_hz; of music tempo_bpm and mode (> 0 major), of a voice pitch_hz.
/// `measured`, where it is given, is what was measured to say so.
Encoding encode_waveform(const Waveform& waveform, const SpeechGate* gate, AudioFeatures* measured = nullptr);

/// The heads of both models, as far as `models` has them (music_head.safetensors, voice_head.safetensors).
/// The worker brings them, so that a folder of heads that knows nothing of these models does not leave them
/// without.
std::vector<std::string> sound_heads(const std::filesystem::path& models);

/// `files.packages` is where open_speech_gate() looks, `files.models` where sound_heads() does; everything
/// else is computed. Errors of a task: those of decode_audio().
Result<std::unique_ptr<Encoder>> make_audio_encoder(const EncoderFiles& files,
                                                    const MediaLimits& limits = {});

}  // namespace bgm
