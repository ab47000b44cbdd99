#include "workers/clip/track_listener.hpp"

#include <algorithm>
#include <utility>

#include "workers/audio/sound_quality.hpp"
#include "workers/audio/track_analyser.hpp"
#include "workers/clip/pooled_rows.hpp"
#include "workers/clip/row_buckets.hpp"
#include "workers/clip/sound_stage.hpp"
#include "workers/media/av/av_audio.hpp"

namespace bgm {
namespace {

// Many times what decoding a quarter of an hour takes.
constexpr double kCpuSecondsMax = 100;

class TrackListener final : public Encoder {
 public:
    explicit TrackListener(TrackListenerParts parts) : parts_(std::move(parts)) {}

    Modality modality() const override { return Modality::audio; }
    std::string model() const override { return parts_.analyser->model(); }
    std::string model_version() const override {
        return parts_.analyser->model_version() + "+" + parts_.version;
    }
    std::vector<std::string> heads() const override { return parts_.analyser->heads(); }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results = parts_.analyser->encode(tasks);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i]) continue;
            auto placed = place(tasks[i].media);
            if (placed) {
                results[i]->push_back(*std::move(placed));
            } else {
                results[i] = placed.error();
            }
        }
        return results;
    }

 private:
    Result<Encoding> place(std::span<const std::byte> file) {
        const AudioLimits limits{.bytes_max = parts_.bytes_max,
                                 .window_s = kTrackSecondsMax,
                                 .start_share = 0,
                                 .sample_rate_hz = parts_.mel.sample_rate_hz()};
        const auto waveform = decode_audio(file, limits, CpuBudget(kCpuSecondsMax));
        if (!waveform) return waveform.error();
        Encoding whole{.modality = Modality::audio, .model = parts_.model, .quality = 0};
        std::vector<std::span<const float>> sounding;
        for (const auto& window : sound_windows(waveform->samples, parts_.mel.samples())) {
            std::vector<std::string> notes;
            const float quality = sound_quality(measure_loudness(window, waveform->sample_rate_hz), notes);
            if (quality > 0) sounding.push_back(window);
            whole.quality = std::max(whole.quality, quality);
        }
        whole.facts = {{"windows", static_cast<float>(sounding.size())}};
        const auto width = static_cast<std::size_t>(parts_.tower->dimensions());
        std::vector<float> rows;
        Status status = ok_status();
        for_each_bucket(sounding.size(), parts_.rows_max, [&](std::size_t first, std::size_t count) {
            if (!status) return;
            std::vector<float> spectra(count * parts_.mel.values());
            for (std::size_t i = 0; i < count; ++i) {
                parts_.mel.extract(sounding[first + i],
                                   std::span(spectra).subspan(i * parts_.mel.values(), parts_.mel.values()));
            }
            const auto embedded = parts_.tower->embed(spectra, static_cast<std::int64_t>(count));
            if (embedded) {
                rows.insert(rows.end(), embedded->begin(), embedded->end());
            } else {
                status = embedded.error();
            }
        });
        if (!status) return status.error();
        whole.embedding = pooled(rows, width, std::vector<float>(sounding.size(), 1.0F));
        return whole;
    }

    TrackListenerParts parts_;
};

}  // namespace

std::unique_ptr<Encoder> make_track_listener(TrackListenerParts parts) {
    return std::make_unique<TrackListener>(std::move(parts));
}

}  // namespace bgm
