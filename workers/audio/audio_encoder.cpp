#include "workers/audio/audio_encoder.hpp"

#include "workers/audio/audio_embedding.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/sound_quality.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/av_warm.hpp"

namespace bgm {
namespace {

// Half of what a task may use in all (20 s), so that the limit is met here, with a message, and not by the
// kernel.
constexpr double kCpuSecondsMax = 10;

class AudioEncoder final : public Encoder {
 public:
    explicit AudioEncoder(const AudioLimits& limits) : limits_(limits) {}

    Modality modality() const override { return Modality::audio; }
    std::string model() const override { return std::string(kAudioModel); }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks)
            results.push_back(encode_one(task));
        return results;
    }

 private:
    EncodeResult encode_one(const EncodeTask& task) const {
        const auto waveform = decode_audio(task.media, limits_, CpuBudget(kCpuSecondsMax));
        if (!waveform) return waveform.error();
        return std::vector{encode_waveform(*waveform)};
    }

    AudioLimits limits_;
};

}  // namespace

Encoding encode_waveform(const Waveform& waveform) {
    const AudioFeatures features = measure_audio(waveform.samples, waveform.sample_rate_hz);
    Encoding encoding;
    encoding.modality = Modality::audio;
    encoding.model = kAudioModel;
    encoding.embedding = embed_audio(features);
    encoding.notes = waveform.notes;
    encoding.facts = {
        {"seconds", features.seconds},
        {"loudness_db", features.loudness.integrated_db},
        {"tempo_bpm", features.rhythm.tempo_bpm},
        {"onset_rate_hz", features.rhythm.onset_rate_hz},
        {"brightness_hz", features.timbre.brightness_hz},
        {"mode", features.tonality.mode},
        {"speech", features.speech},
    };
    if (features.speech > 0.5F && features.voice.pitch_hz > 0)
        encoding.facts["pitch_hz"] = features.voice.pitch_hz;

    encoding.quality = sound_quality(features.loudness, encoding.notes);
    // Nearly white noise carries loudness and little else.
    if (encoding.quality > 0 && features.timbre.flatness > 0.35F && features.tonality.harmonicity < 0.1F) {
        encoding.quality *= 0.3F;
        encoding.notes.emplace_back("noise");
    }
    return encoding;
}

Result<std::unique_ptr<Encoder>> make_audio_encoder(const std::filesystem::path& /*model_dir*/,
                                                    const MediaLimits& limits) {
    warm_media_libraries();
    return std::unique_ptr<Encoder>(std::make_unique<AudioEncoder>(limits.audio));
}

}  // namespace bgm
