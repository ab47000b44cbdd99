// Everything that is measured on a waveform: what listeners use to hear a feeling in music or in a voice.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "workers/audio/loudness.hpp"
#include "workers/audio/rhythm.hpp"
#include "workers/audio/timbre.hpp"
#include "workers/audio/tonality.hpp"
#include "workers/audio/voice.hpp"

namespace bgm {

struct AudioFeatures {
    float seconds = 0;
    Loudness loudness;
    Timbre timbre;
    Rhythm rhythm;
    Tonality tonality;
    Voice voice;
    float speech = 0;  // 0 music .. 1 a speaking voice

    bool is_voice() const { return speech >= 0.5F; }
};

/// The onset envelope of measure_audio()'s rhythm, a value each 20 ms, for any length in bounded memory.
struct OnsetEnvelope {
    std::vector<float> rises;
    std::vector<float> band_rises;  // as measure_tempo() takes them
    float frame_rate_hz = 0;
};
OnsetEnvelope onset_envelope_of(std::span<const float> samples, int sample_rate_hz);

/// Any length and content, empty too; every value is finite. `speech`: how much of it is speech, where that
/// is known (SpeechGate): then `tonality` of a voice and `voice` of anything else, which no cue reads, are
/// not measured. Where it is not known everything is measured, and a rule after the cues of Scheirer and
/// Slaney (1997) decides.
AudioFeatures measure_audio(std::span<const float> samples, int sample_rate_hz,
                            std::optional<float> speech = std::nullopt);

}  // namespace bgm
