// Everything that is measured on a waveform: what listeners use to hear a feeling in music or in a voice.
#pragma once

#include <span>

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
    float speech = 0;  // 0 music .. 1 a speaking voice (after the cues of Scheirer and Slaney 1997)
};

/// Any length and content, empty too; every value is finite.
AudioFeatures measure_audio(std::span<const float> samples, int sample_rate_hz);

}  // namespace bgm
