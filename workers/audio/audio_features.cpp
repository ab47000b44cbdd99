#include "workers/audio/audio_features.hpp"

#include <algorithm>
#include <cmath>

#include "workers/audio/spectrogram.hpp"
#include "workers/audio/tempo.hpp"

namespace bgm {
namespace {

constexpr std::size_t kWindow = 1024;  // 46 ms at 22 kHz
constexpr std::size_t kBands = 40;

// Speech comes in syllables at about 4 Hz, alternates vowels with hisses, has pauses, one pitch that glides,
// and hardly any tone held longer than 0.2 s. Weights by hand; each cue alone errs (rap, solo singing,
// beeps), together they hold.
float speech_likeness(const AudioFeatures& features) {
    const Voice& voice = features.voice;
    const float voicing = std::min(voice.voiced_share, 0.6F) / 0.6F;
    const float evidence =
        5.0F * (voice.modulation_4hz - 0.35F) + 2.5F * (features.timbre.zero_crossings_variation - 0.6F) +
        3.0F * (features.loudness.low_energy_ratio - 0.35F) + 4.0F * (voice.pitch_glide - 0.35F) +
        2.0F * (voicing - 0.5F) - 6.0F * (features.tonality.steadiness - 0.4F) -
        2.0F * (features.rhythm.pulse_clarity - 0.35F);
    // Whatever its rhythm, sound in which nothing is voiced is no voice.
    return voicing * voicing / (voicing * voicing + 0.05F) / (1 + std::exp(-evidence));
}

std::vector<float> log_mel_of(const Spectrogram& spectrogram) {
    const MelBands mel(kBands, spectrogram.bins, spectrogram.bin_hz);
    std::vector<float> log_mel(spectrogram.frames * kBands);
    for (std::size_t frame = 0; frame < spectrogram.frames; ++frame)
        mel.log_power(spectrogram.frame(frame), std::span(log_mel).subspan(frame * kBands, kBands));
    return log_mel;
}

}  // namespace

OnsetEnvelope onset_envelope_of(std::span<const float> samples, int sample_rate_hz) {
    constexpr std::size_t kFramesAtOnce = 3'000;
    const auto hop = static_cast<std::size_t>(sample_rate_hz / 50);
    OnsetEnvelope envelope;
    // Each part begins with the last frame of the one before it, whose rise is known.
    for (std::size_t begin = 0; begin + kWindow <= samples.size(); begin += (kFramesAtOnce - 1) * hop) {
        const auto part =
            samples.subspan(begin, std::min(samples.size() - begin, (kFramesAtOnce - 1) * hop + kWindow));
        const Spectrogram spectrogram = power_spectrogram(part, sample_rate_hz, kWindow, hop);
        const std::vector<float> log_mel = log_mel_of(spectrogram);
        const std::vector<float> rises = onset_envelope(log_mel, kBands);
        const std::vector<float> band_rises = onset_envelope(log_mel, kBands, kOnsetBands);
        envelope.frame_rate_hz = spectrogram.frame_rate_hz;
        envelope.band_rises.insert(envelope.band_rises.end(),
                                   band_rises.begin() + (begin == 0 ? 0 : std::ptrdiff_t{kOnsetBands}),
                                   band_rises.end());
        envelope.rises.insert(envelope.rises.end(), rises.begin() + (begin == 0 ? 0 : 1), rises.end());
    }
    return envelope;
}

AudioFeatures measure_audio(std::span<const float> samples, int sample_rate_hz, std::optional<float> speech) {
    AudioFeatures features;
    features.seconds = static_cast<float>(samples.size()) / static_cast<float>(sample_rate_hz);
    if (samples.empty()) return features;

    const auto hop = static_cast<std::size_t>(sample_rate_hz / 50);
    const Spectrogram spectrogram = power_spectrogram(samples, sample_rate_hz, kWindow, hop);
    const std::vector<float> log_mel = log_mel_of(spectrogram);
    features.loudness = measure_loudness(samples, sample_rate_hz);
    features.timbre = measure_timbre(samples, spectrogram, log_mel, kBands);
    features.rhythm = measure_rhythm(onset_envelope(log_mel, kBands), spectrogram.frame_rate_hz);
    features.speech = speech.value_or(0);
    if (!speech || !features.is_voice()) features.tonality = measure_tonality(samples, sample_rate_hz);
    if (!speech || features.is_voice()) features.voice = measure_voice(samples, sample_rate_hz);
    if (!speech) features.speech = speech_likeness(features);
    return features;
}

}  // namespace bgm
