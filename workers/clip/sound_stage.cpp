#include "workers/clip/sound_stage.hpp"

#include <algorithm>

#include "workers/audio/loudness.hpp"
#include "workers/audio/sound_quality.hpp"
#include "workers/media/av/av_audio.hpp"

namespace bgm {
namespace {

// Half of what a task may use in all (20 s), so that the limit is met here, with a message.
constexpr double kCpuSecondsMax = 10;

}  // namespace

std::vector<std::span<const float>> sound_windows(std::span<const float> samples,
                                                  std::size_t window_samples) {
    std::vector<std::span<const float>> windows;
    for (std::size_t first = 0; first < samples.size(); first += window_samples) {
        const std::size_t count = std::min(window_samples, samples.size() - first);
        if (first > 0 && count < window_samples / 2) break;
        windows.push_back(samples.subspan(first, count));
    }
    return windows;
}

Result<ClipTask::Rows> SoundStage::prepare(std::span<const std::byte> file, Modality posted_as) const {
    const auto window_samples = static_cast<std::size_t>(mel_.samples());
    const double window_s = static_cast<double>(window_samples) / mel_.sample_rate_hz();
    const AudioLimits limits{
        .bytes_max = posted_as == Modality::video ? limits_.video.bytes_max : limits_.audio.bytes_max,
        .window_s = std::max(window_s, limits_.audio.window_s),
        .sample_rate_hz = mel_.sample_rate_hz()};
    const auto waveform = decode_audio(file, limits, CpuBudget(kCpuSecondsMax));
    if (!waveform) return waveform.error();
    const std::span<const float> samples(waveform->samples);
    const Loudness loudness = measure_loudness(samples, waveform->sample_rate_hz);

    ClipTask::Rows sound;
    Encoding& encoding = sound.encoding;
    encoding.modality = Modality::audio;
    encoding.notes = waveform->notes;
    encoding.quality = sound_quality(loudness, encoding.notes);
    encoding.facts = {
        {"seconds", static_cast<float>(samples.size()) / static_cast<float>(waveform->sample_rate_hz)},
        {"loudness_db", loudness.integrated_db}};
    std::vector<float> mel(mel_.values());
    for (const auto& window : sound_windows(samples, window_samples)) {
        mel_.extract(window, mel);
        sound.values.insert(sound.values.end(), mel.begin(), mel.end());
        sound.weights.push_back(1);
    }
    if (sound.weights.empty()) return Error{.code = ErrorCode::corrupt, .message = "no sound decodes"};
    return sound;
}

}  // namespace bgm
