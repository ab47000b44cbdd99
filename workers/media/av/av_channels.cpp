#include "workers/media/av/av_channels.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
}

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workers/media/av/av_decode.hpp"
#include "workers/media/av/av_input.hpp"
#include "workers/media/av/half_of_a_film.hpp"
#include "workers/media/file_size.hpp"

namespace bgm {
namespace {

constexpr int kRateMin_hz = 4'000, kRateMax_hz = 384'000;
constexpr int kChannelsMax = 8;
// Four hours in packets of 10 ms.
constexpr std::int64_t kPacketsMax = 4LL * 3600 * 100;

class ListenerSink final : public av::FrameSink {
 public:
    explicit ListenerSink(ChannelListener& listener) : listener_(listener) {}

    bool full() const override { return full_; }
    const std::optional<Error>& error() const { return error_; }
    bool began() const { return rate_hz_ != 0; }

    bool add(const AVFrame& frame) override {
        if (frame.nb_samples <= 0 || frame.sample_rate < kRateMin_hz || frame.sample_rate > kRateMax_hz ||
            frame.ch_layout.nb_channels < 1 || frame.ch_layout.nb_channels > kChannelsMax)
            return false;
        if (!began()) {
            rate_hz_ = frame.sample_rate;
            channels_ = frame.ch_layout.nb_channels;
            if (const Status status = listener_.begin(rate_hz_, channels_); !status) {
                error_ = status.error();
                full_ = true;
                return false;
            }
        }
        if (!resampler_ || frame.format != format_ || frame.sample_rate != source_rate_hz_ ||
            frame.ch_layout.nb_channels != source_channels_) {
            drain();
            if (!configure(frame)) return false;
        }
        return convert(const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
    }

    void drain() override {
        if (resampler_ && !full_) convert(nullptr, 0);
    }

 private:
    bool configure(const AVFrame& frame) {
        AVChannelLayout from{}, to{};
        if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
            av_channel_layout_default(&from, frame.ch_layout.nb_channels);
        else if (av_channel_layout_copy(&from, &frame.ch_layout) < 0)
            return false;
        av_channel_layout_default(&to, channels_);
        SwrContext* context = nullptr;
        const bool made = swr_alloc_set_opts2(&context, &to, AV_SAMPLE_FMT_FLT, rate_hz_, &from,
                                              static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0,
                                              nullptr) >= 0;
        resampler_.reset(context);
        av_channel_layout_uninit(&from);
        av_channel_layout_uninit(&to);
        if (!made || swr_init(resampler_.get()) < 0) {
            resampler_.reset();
            return false;
        }
        format_ = frame.format;
        source_rate_hz_ = frame.sample_rate;
        source_channels_ = frame.ch_layout.nb_channels;
        return true;
    }

    bool convert(const std::uint8_t** source, int count) {
        const int room = swr_get_out_samples(resampler_.get(), count);
        if (room <= 0) return room == 0;
        samples_.resize(static_cast<std::size_t>(room) * static_cast<std::size_t>(channels_));
        auto* target = reinterpret_cast<std::uint8_t*>(samples_.data());
        const int made = swr_convert(resampler_.get(), &target, room, source, count);
        if (made < 0) return false;
        samples_.resize(static_cast<std::size_t>(made) * static_cast<std::size_t>(channels_));
        // A hostile float stream holds infinities.
        bool finite = true;
        for (float& sample : samples_) {
            finite = finite && std::isfinite(sample);
            sample = std::isfinite(sample) ? std::clamp(sample, -4.0F, 4.0F) : 0.0F;
        }
        if (!finite) listener_.miss();
        if (!listener_.hear(samples_)) full_ = true;
        return true;
    }

    ChannelListener& listener_;
    av::Resampler resampler_;
    std::vector<float> samples_;
    std::optional<Error> error_;
    bool full_ = false;
    int rate_hz_ = 0, channels_ = 0;
    int format_ = -1, source_rate_hz_ = 0, source_channels_ = 0;
};

}  // namespace

Status hear_channels(std::span<const std::byte> file, std::size_t bytes_max, const CpuBudget& budget,
                     ChannelListener& listener) {
    if (auto fits = check_file_size(file, bytes_max); !fits) return fits.error();
    auto opened = av::Input::open(file, budget, "audio");
    if (!opened) return opened.error();
    av::Input& input = **opened;
    const AVStream* stream = input.choose(AVMEDIA_TYPE_AUDIO);
    if (stream == nullptr) return Error{.code = ErrorCode::unsupported, .message = std::string(kNoSound)};
    auto decoder = input.decoder_for(*stream);
    if (!decoder) return decoder.error();
    ListenerSink sink(listener);
    const auto report = av::decode_frames(input, *stream, **decoder, {.packets_max = kPacketsMax}, sink);
    if (!report) return report.error();
    if (sink.error()) return *sink.error();
    if (report->out_of_time)
        return Error{.code = ErrorCode::deadline_exceeded, .message = "decoding took too long"};
    if (!sink.began() && report->encrypted) return av::encrypted_track();
    if (!sink.began()) return Error{.code = ErrorCode::corrupt, .message = "no sound could be decoded"};
    return ok_status();
}

}  // namespace bgm
