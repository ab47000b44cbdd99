#include "workers/audio/track_analyser.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "schemas/track_model.hpp"
#include "workers/audio/audio_embedding.hpp"
#include "workers/audio/audio_encoder.hpp"
#include "workers/audio/audio_features.hpp"
#include "workers/audio/beats.hpp"
#include "workers/audio/moment.hpp"
#include "workers/audio/speech_gate.hpp"
#include "workers/audio/tempo.hpp"
#include "workers/audio/track_meters.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/av_warm.hpp"

namespace bgm {
namespace {

// Five times what a quarter of an hour takes.
constexpr double kCpuSecondsMax = 100;
constexpr double kSecondsMin = 3;
constexpr float kUnheard = 1e-5F;   // a peak of the mix
constexpr float kSounding = 1e-3F;  // a peak of a channel

struct Window {
    float start_s = 0;
    Encoding encoding;
    std::array<float, 12> chroma{};
    float onset_rate_hz = 0;
};

// What is silent for a reason that is not silence.
Status check_heard(const TrackMeters& meters, std::span<const float> mix) {
    const bool heard =
        std::any_of(mix.begin(), mix.end(), [](float sample) { return std::abs(sample) > kUnheard; });
    if (heard) return ok_status();
    if (meters.broken())
        return Error{.code = ErrorCode::corrupt, .message = "its samples are no numbers (NaN or infinite)"};
    if (meters.peak() > kSounding)
        return Error{.code = ErrorCode::unsupported,
                     .message = "sounds only in a channel that is left out of a mix (the subwoofer's)"};
    return ok_status();
}

// How much is going on: half loudness, from -32 LUFS (0) to -8 (1), half onsets, up to six a second.
float energy_of(double loudness_lufs, float onset_rate_hz) {
    const double loud = std::clamp((loudness_lufs + 32) / 24, 0.0, 1.0);
    return static_cast<float>(0.5 * loud) + 0.5F * std::min(onset_rate_hz / 6, 1.0F);
}

// Of the model that most of the windows that sound have.
Encoding mean_of(const std::vector<Window>& windows) {
    std::map<std::string, std::size_t> counts;
    for (const Window& window : windows) {
        if (window.encoding.quality > 0) ++counts[window.encoding.model];
    }
    Encoding whole;
    whole.modality = Modality::audio;
    whole.model = windows.front().encoding.model;
    whole.quality = 0;
    whole.embedding.assign(windows.front().encoding.embedding.size(), 0);
    if (counts.empty()) return whole;
    whole.model = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                      return a.second < b.second;
                  })->first;
    whole.embedding.clear();
    for (const Window& window : windows) {
        const Encoding& part = window.encoding;
        if (part.quality <= 0 || part.model != whole.model) continue;
        whole.embedding.resize(part.embedding.size());
        for (std::size_t i = 0; i < part.embedding.size(); ++i)
            whole.embedding[i] += part.embedding[i] / static_cast<float>(counts[whole.model]);
        whole.quality = std::max(whole.quality, part.quality);
    }
    return whole;
}

class TrackAnalyser final : public Encoder {
 public:
    TrackAnalyser(const EncoderFiles& files, std::size_t bytes_max)
        : bytes_max_(bytes_max), gate_(open_speech_gate(files.packages)), heads_(sound_heads(files.models)) {}

    Modality modality() const override { return Modality::audio; }
    std::string model() const override { return std::string(kMusicModel); }
    std::string model_version() const override { return std::string(kTrackModel); }
    std::vector<std::string> heads() const override { return heads_; }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        for (const EncodeTask& task : tasks)
            results.push_back(analyse(task.media));
        return results;
    }

 private:
    EncodeResult analyse(std::span<const std::byte> file) const {
        const CpuBudget budget(kCpuSecondsMax);
        TrackMeters meters;
        if (const Status heard = hear_channels(file, bytes_max_, budget, meters); !heard)
            return heard.error();
        if (meters.seconds() < kSecondsMin)
            return Error{.code = ErrorCode::unsupported, .message = "a track lasts at least 3 s"};
        AudioLimits limits;
        limits.bytes_max = bytes_max_;
        limits.window_s = std::min(kTrackSecondsMax, meters.seconds() + 1);
        limits.start_share = 0;
        auto waveform = decode_audio(file, limits, budget);
        if (!waveform) return waveform.error();

        if (Status heard = check_heard(meters, waveform->samples); !heard) return heard.error();
        const std::vector<Window> windows = windows_of(*waveform);
        Encoding whole = mean_of(windows);
        Tonality tonality;
        float onset_rate_hz = 0, speech = 0;
        for (const Window& window : windows) {
            for (std::size_t k = 0; k < tonality.chroma.size(); ++k)
                tonality.chroma[k] += window.chroma[k];
            onset_rate_hz += window.onset_rate_hz / static_cast<float>(windows.size());
            if (const auto share = window.encoding.facts.find("speech"); share != window.encoding.facts.end())
                speech += share->second / static_cast<float>(windows.size());
        }
        judge_key(tonality);
        const OnsetEnvelope envelope = onset_envelope_of(waveform->samples, waveform->sample_rate_hz);
        Tempo tempo = measure_tempo(envelope.band_rises, envelope.frame_rate_hz);
        TrackParts parts;
        parts.beats_s = track_beats(envelope.rises, envelope.frame_rate_hz, tempo.bpm);
        tempo.bpm = tempo_of_beats(parts.beats_s, tempo.bpm);
        parts.fingerprint = meters.fingerprint();
        for (const Window& window : windows) {
            parts.windows.push_back({.start_s = window.start_s,
                                     .embedding = window.encoding.embedding,
                                     .model = window.encoding.model,
                                     .quality = window.encoding.quality});
        }
        whole.notes = waveform->notes;
        whole.facts = {
            {"seconds", static_cast<float>(meters.seconds())},
            {"loudness_lufs", static_cast<float>(meters.integrated_lufs())},
            {"range_lu", static_cast<float>(meters.range_lu())},
            {"tempo_bpm", tempo.bpm},
            {"tempo_confidence", tempo.confidence},
            {"tonic", static_cast<float>(tonality.tonic)},
            {"minor", tonality.minor ? 1.0F : 0.0F},
            {"key_confidence", tonality.key_clarity},
            {"energy", energy_of(meters.integrated_lufs(), onset_rate_hz)},
            {"speech", speech},
            {"moment_s", find_moment(levels_of(waveform->samples, waveform->sample_rate_hz), kLevelStep_s,
                                     parts.beats_s)},
        };
        whole.track = std::move(parts);
        return std::vector{std::move(whole)};
    }

    // A rest of less than half a window belongs to the last one.
    std::vector<Window> windows_of(const Waveform& waveform) const {
        const auto rate = static_cast<float>(waveform.sample_rate_hz);
        const auto step = static_cast<std::size_t>(kTrackWindow_s * rate);
        std::vector<Window> windows;
        for (std::size_t at = 0;
             at < waveform.samples.size() && (at == 0 || waveform.samples.size() - at >= step / 2);
             at += step) {
            const std::size_t rest = waveform.samples.size() - at;
            const std::size_t length = rest < step + step / 2 ? rest : step;
            Waveform part;
            part.sample_rate_hz = waveform.sample_rate_hz;
            part.samples.assign(waveform.samples.begin() + static_cast<std::ptrdiff_t>(at),
                                waveform.samples.begin() + static_cast<std::ptrdiff_t>(at + length));
            Window window;
            window.start_s = static_cast<float>(at) / rate;
            AudioFeatures features;
            window.encoding = encode_waveform(part, gate_.get(), &features);
            window.chroma = features.tonality.chroma;
            window.onset_rate_hz = features.rhythm.onset_rate_hz;
            windows.push_back(std::move(window));
            if (length != step) break;
        }
        return windows;
    }

    std::size_t bytes_max_;
    std::shared_ptr<const SpeechGate> gate_;
    std::vector<std::string> heads_;
};

}  // namespace

std::unique_ptr<Encoder> make_track_analyser(const EncoderFiles& files, std::size_t bytes_max) {
    warm_media_libraries();
    return std::make_unique<TrackAnalyser>(files, bytes_max);
}

}  // namespace bgm
