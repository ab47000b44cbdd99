#include "workers/audio/audio_embedding.hpp"

#include <algorithm>
#include <array>
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

float loudness(const AudioFeatures& f) {
    return f.loudness.integrated_db;
}
float brightness(const AudioFeatures& f) {
    return log2_of(f.timbre.brightness_hz, 50);
}
float flatness(const AudioFeatures& f) {
    return std::log10(f.timbre.flatness + 1e-4F);
}
float onset_rate(const AudioFeatures& f) {
    return std::sqrt(f.rhythm.onset_rate_hz);
}
float onset_strength(const AudioFeatures& f) {
    return log2_of(f.rhythm.onset_strength, 0.1F);
}
// Where none is found, the average says nothing.
float tempo(const AudioFeatures& f) {
    return f.rhythm.tempo_bpm > 0 ? std::log2(f.rhythm.tempo_bpm) : 6.8F;
}
float pitch(const AudioFeatures& f) {
    return f.voice.pitch_hz > 0 ? std::log2(f.voice.pitch_hz) : 7.5F;
}

constexpr std::array<AudioCue, 15> kMusicCues{{
    {"loudness", loudness, -18, 6},
    {"loudness_range", [](const AudioFeatures& f) { return f.loudness.range_db; }, 7, 4},
    {"low_energy", [](const AudioFeatures& f) { return f.loudness.low_energy_ratio; }, 0.25F, 0.12F},
    {"brightness", brightness, 9.0F, 0.6F},
    {"roll_off", [](const AudioFeatures& f) { return log2_of(f.timbre.roll_off_hz, 50); }, 9.8F, 0.7F},
    {"flatness", flatness, -2.2F, 0.8F},
    {"onset_rate", onset_rate, 1.8F, 0.4F},
    {"onset_strength", onset_strength, 0.1F, 0.75F},
    {"tempo", tempo, 6.8F, 0.4F},
    {"pulse_clarity", [](const AudioFeatures& f) { return f.rhythm.pulse_clarity; }, 0.4F, 0.25F},
    {"mode", [](const AudioFeatures& f) { return f.tonality.mode; }, 0.04F, 0.18F},
    {"key_clarity", [](const AudioFeatures& f) { return f.tonality.key_clarity; }, 0.8F, 0.1F},
    {"harmonicity", [](const AudioFeatures& f) { return f.tonality.harmonicity; }, 0.6F, 0.22F},
    {"steadiness", [](const AudioFeatures& f) { return f.tonality.steadiness; }, 0.6F, 0.17F},
    {"roughness", [](const AudioFeatures& f) { return f.tonality.roughness; }, 0.1F, 0.04F},
}};

constexpr std::array<AudioCue, 18> kVoiceCues{{
    {"loudness", loudness, -28, 10},
    {"loudness_range", [](const AudioFeatures& f) { return f.loudness.range_db; }, 8, 4},
    {"brightness", brightness, 9.5F, 0.5F},
    {"flatness", flatness, -2.8F, 0.6F},
    {"onset_rate", onset_rate, 1.8F, 0.3F},
    {"onset_strength", onset_strength, 0, 0.7F},
    {"voiced_share", [](const AudioFeatures& f) { return f.voice.voiced_share; }, 0.8F, 0.12F},
    {"pitch", pitch, 7.5F, 0.5F},
    {"pitch_range", [](const AudioFeatures& f) { return f.voice.pitch_range_semitones; }, 6, 2.2F},
    {"pitch_glide", [](const AudioFeatures& f) { return f.voice.pitch_glide; }, 0.74F, 0.12F},
    {"syllable_rate", [](const AudioFeatures& f) { return f.voice.syllable_rate_hz; }, 4.6F, 1.1F},
    {"vocal_effort", [](const AudioFeatures& f) { return f.voice.alpha_ratio_db; }, -10, 4.5F},
    {"pauses", [](const AudioFeatures& f) { return f.voice.pause_share; }, 0.3F, 0.15F},
    {"level_spread", [](const AudioFeatures& f) { return f.voice.level_spread_db; }, 11.5F, 2.5F},
    {"tilt_variation", [](const AudioFeatures& f) { return f.timbre.cepstrum_deviation[1]; }, 2.8F, 0.8F},
    {"voiced_runs", [](const AudioFeatures& f) { return f.voice.voiced_runs_hz; }, 3.8F, 1.3F},
    {"harmonics_to_noise", [](const AudioFeatures& f) { return f.voice.harmonics_to_noise_db; }, 10.5F, 2.5F},
    {"spectral_change", [](const AudioFeatures& f) { return f.voice.spectral_change; }, 0.36F, 0.07F},
}};

}  // namespace

std::span<const AudioCue> music_cues() {
    return kMusicCues;
}

std::span<const AudioCue> voice_cues() {
    return kVoiceCues;
}

std::vector<float> embed_audio(const AudioFeatures& features, std::span<const AudioCue> cues) {
    std::vector<float> embedding;
    embedding.reserve(embedding_size(cues.size()));
    for (const AudioCue& cue : cues)
        embedding.push_back(squash((cue.read(features) - cue.mean) / cue.deviation));
    // The first coefficient is the level (natural logarithms times the root of the number of bands), the
    // others its shape.
    for (std::size_t k = 0; k < kCepstrumSize; ++k) {
        const float mean = k == 0 ? -75.0F : 0.0F;
        const float deviation = k == 0 ? 10.0F : 10.0F / std::sqrt(static_cast<float>(k));
        embedding.push_back(squash((features.timbre.cepstrum_mean[k] - mean) / deviation));
    }
    for (std::size_t k = 0; k < kCepstrumSize; ++k)
        embedding.push_back(squash((features.timbre.cepstrum_deviation[k] - 2) / 2));
    return embedding;
}

}  // namespace bgm
