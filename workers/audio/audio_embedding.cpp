#include "workers/audio/audio_embedding.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

// Ratios are heard, not differences: frequencies and rates go in as logarithms.
float log2_of(float value, float lowest) {
    return std::log2(std::max(value, lowest));
}

float squash(float standardised) {
    return std::isfinite(standardised) ? 3 * std::tanh(standardised / 3) : 0;
}

}  // namespace

const std::array<AudioCue, kAudioCueCount> kAudioCues{{
    {"loudness", [](const AudioFeatures& f) { return f.loudness.integrated_db; }, -18, 6},
    {"loudness_range", [](const AudioFeatures& f) { return f.loudness.range_db; }, 7, 4},
    {"low_energy", [](const AudioFeatures& f) { return f.loudness.low_energy_ratio; }, 0.25F, 0.12F},
    {"brightness", [](const AudioFeatures& f) { return log2_of(f.timbre.brightness_hz, 50); }, 9.9F, 0.7F},
    {"roll_off", [](const AudioFeatures& f) { return log2_of(f.timbre.roll_off_hz, 50); }, 10.6F, 0.9F},
    {"flatness", [](const AudioFeatures& f) { return std::log10(f.timbre.flatness + 1e-4F); }, -1.9F, 0.6F},
    {"zero_crossings", [](const AudioFeatures& f) { return log2_of(f.timbre.zero_crossings_hz, 50); }, 9.8F,
     0.7F},
    {"zero_crossings_variation", [](const AudioFeatures& f) { return f.timbre.zero_crossings_variation; },
     0.5F, 0.25F},
    {"onset_rate", [](const AudioFeatures& f) { return std::sqrt(f.rhythm.onset_rate_hz); }, 1.7F, 0.45F},
    {"onset_strength", [](const AudioFeatures& f) { return log2_of(f.rhythm.onset_strength, 0.1F); }, 0.0F,
     0.8F},
    {"tempo",
     [](const AudioFeatures& f) { return f.rhythm.tempo_bpm > 0 ? std::log2(f.rhythm.tempo_bpm) : 6.8F; },
     6.8F, 0.35F},
    {"pulse_clarity", [](const AudioFeatures& f) { return f.rhythm.pulse_clarity; }, 0.4F, 0.2F},
    {"mode", [](const AudioFeatures& f) { return f.tonality.mode; }, 0.0F, 0.15F},
    {"key_clarity", [](const AudioFeatures& f) { return f.tonality.key_clarity; }, 0.7F, 0.15F},
    {"harmonicity", [](const AudioFeatures& f) { return f.tonality.harmonicity; }, 0.6F, 0.2F},
    {"steadiness", [](const AudioFeatures& f) { return f.tonality.steadiness; }, 0.5F, 0.18F},
    {"roughness", [](const AudioFeatures& f) { return f.tonality.roughness; }, 0.15F, 0.08F},
    {"voiced_share", [](const AudioFeatures& f) { return f.voice.voiced_share; }, 0.6F, 0.2F},
    {"pitch",
     [](const AudioFeatures& f) { return f.voice.pitch_hz > 0 ? std::log2(f.voice.pitch_hz) : 7.35F; }, 7.35F,
     0.55F},
    {"pitch_range", [](const AudioFeatures& f) { return f.voice.pitch_range_semitones; }, 7, 3.5F},
    {"pitch_glide", [](const AudioFeatures& f) { return f.voice.pitch_glide; }, 0.5F, 0.2F},
    {"syllable_rate", [](const AudioFeatures& f) { return f.voice.syllable_rate_hz; }, 4, 1.3F},
    {"vocal_effort", [](const AudioFeatures& f) { return f.voice.alpha_ratio_db; }, -12, 5},
    {"pauses", [](const AudioFeatures& f) { return f.voice.pause_share; }, 0.2F, 0.15F},
}};

std::vector<float> embed_audio(const AudioFeatures& features) {
    std::vector<float> embedding(kAudioEmbeddingSize);
    const float speech = features.speech;
    for (std::size_t i = 0; i < kAudioCueCount; ++i) {
        const AudioCue& cue = kAudioCues[i];
        const float value = squash((cue.read(features) - cue.mean) / cue.deviation);
        embedding[i] = (1 - speech) * value;
        embedding[kAudioVoiceBegin + i] = speech * value;
    }
    embedding[kAudioMusicGate] = 1 - speech;
    embedding[kAudioSpeechGate] = speech;
    // The first coefficient is the level (natural logarithms times the root of the number of bands), the
    // others its shape.
    for (std::size_t k = 0; k < kCepstrumSize; ++k) {
        const float mean = k == 0 ? -55.0F : 0.0F;
        const float deviation = k == 0 ? 15.0F : 10.0F / std::sqrt(static_cast<float>(k));
        embedding[kAudioCepstrumBegin + k] = squash((features.timbre.cepstrum_mean[k] - mean) / deviation);
        embedding[kAudioCepstrumBegin + kCepstrumSize + k] =
            squash((features.timbre.cepstrum_deviation[k] - 3) / 2);
    }
    return embedding;
}

}  // namespace bgm
