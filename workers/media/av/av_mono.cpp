#include "workers/media/av/av_mono.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
}

#include <algorithm>
#include <array>
#include <cmath>

namespace bgm::av {
namespace {

// Below and above these, resampling would take memory or time out of proportion to what can be heard.
constexpr int kSourceRateMinHz = 4'000;
constexpr int kSourceRateMaxHz = 384'000;
constexpr int kChannelsMax = 16;

constexpr double kKeptMin = 0.25;      // of a second's power; less is lost
constexpr double kLostMax = 0.25;      // of the window's power; more is worth another look
constexpr double kSilentSide = 0.001;  // of the other's power

Resampler make_resampler(AVChannelLayout target, AVSampleFormat target_format, int target_rate_hz,
                         AVChannelLayout& source, const AVFrame& frame) {
    SwrContext* made = nullptr;
    const int set =
        swr_alloc_set_opts2(&made, &target, target_format, target_rate_hz, &source,
                            static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    Resampler resampler(made);
    if (set < 0 || swr_init(made) < 0) resampler.reset();
    return resampler;
}

}  // namespace

void PhaseMeter::add(const float* left, const float* right, int count, int rate_hz) {
    for (int i = 0; i < count; ++i) {
        const auto l = static_cast<double>(left[i]);
        const auto r = static_cast<double>(right[i]);
        // A hostile float stream holds infinities and more.
        if (!(std::fabs(l) < 1e6 && std::fabs(r) < 1e6)) continue;
        left_power_ += l * l;
        right_power_ += r * r;
        block_power_ += l * l + r * r;
        block_sum_power_ += (l + r) * (l + r) / 2;
        if (++block_samples_ >= rate_hz) end_block();
    }
}

void PhaseMeter::end_block() {
    if (block_sum_power_ < kKeptMin * block_power_) lost_power_ += block_power_;
    block_power_ = block_sum_power_ = 0;
    block_samples_ = 0;
}

Mix PhaseMeter::choice() const {
    PhaseMeter whole = *this;
    whole.end_block();
    if (!(whole.lost_power_ > kLostMax * (left_power_ + right_power_))) return Mix::sum;
    return right_power_ > left_power_ ? Mix::right : Mix::left;
}

float PhaseMeter::side_gain() const {
    const double louder = std::max(left_power_, right_power_);
    return louder > 0 ? static_cast<float>(std::sqrt((left_power_ + right_power_) / louder)) : 1.0F;
}

float PhaseMeter::sum_gain() const {
    const auto [quieter, louder] = std::minmax(left_power_, right_power_);
    return louder > 0 && quieter < kSilentSide * louder ? std::sqrt(2.0F) : 1.0F;
}

bool MonoSink::add(const AVFrame& frame) {
    if (frame.nb_samples <= 0 || frame.sample_rate < kSourceRateMinHz ||
        frame.sample_rate > kSourceRateMaxHz || frame.ch_layout.nb_channels < 1 ||
        frame.ch_layout.nb_channels > kChannelsMax) {
        return false;
    }
    if (!resampler_ || frame.format != format_ || frame.sample_rate != source_rate_hz_ ||
        frame.ch_layout.nb_channels != channels_) {
        drain();
        if (!configure(frame)) return false;
    }
    measure(frame);
    const int room = swr_get_out_samples(resampler_.get(), frame.nb_samples);
    if (room < 0) return false;
    return convert(const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples, room);
}

void MonoSink::drain() {
    if (!resampler_) return;
    const int room = swr_get_out_samples(resampler_.get(), 0);
    if (room > 0) convert(nullptr, 0, room);
}

bool MonoSink::configure(const AVFrame& frame) {
    const AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    const AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    AVChannelLayout source{};
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&source, frame.ch_layout.nb_channels);
    } else if (av_channel_layout_copy(&source, &frame.ch_layout) < 0) {
        return false;
    }
    resampler_ = mix_ == Mix::sum ? make_resampler(mono, AV_SAMPLE_FMT_FLT, rate_hz_, source, frame)
                                  : make_resampler(stereo, AV_SAMPLE_FMT_FLTP, rate_hz_, source, frame);
    sides_.reset();
    if (frame.ch_layout.nb_channels > 1)
        sides_ = make_resampler(stereo, AV_SAMPLE_FMT_FLTP, frame.sample_rate, source, frame);
    av_channel_layout_uninit(&source);
    format_ = frame.format;
    source_rate_hz_ = frame.sample_rate;
    channels_ = frame.ch_layout.nb_channels;
    return resampler_ != nullptr;
}

bool MonoSink::convert(const std::uint8_t** source, int count, int room) {
    const std::size_t before = samples_.size();
    samples_.resize(before + static_cast<std::size_t>(room));
    std::array<std::uint8_t*, 2> target{};
    auto* wanted = reinterpret_cast<std::uint8_t*>(samples_.data() + before);
    target.fill(wanted);
    if (mix_ != Mix::sum) {
        left_.resize(static_cast<std::size_t>(room));
        target[mix_ == Mix::left ? 1 : 0] = reinterpret_cast<std::uint8_t*>(left_.data());
    }
    const int made = swr_convert(resampler_.get(), target.data(), room, source, count);
    samples_.resize(std::min(samples_max_, before + static_cast<std::size_t>(std::max(made, 0))));
    return made >= 0;
}

void MonoSink::measure(const AVFrame& frame) {
    if (!sides_) return;
    const auto count = static_cast<std::size_t>(frame.nb_samples);
    left_.resize(count);
    right_.resize(count);
    std::array<std::uint8_t*, 2> target{reinterpret_cast<std::uint8_t*>(left_.data()),
                                        reinterpret_cast<std::uint8_t*>(right_.data())};
    const int made = swr_convert(sides_.get(), target.data(), frame.nb_samples,
                                 const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
    phases_.add(left_.data(), right_.data(), std::max(made, 0), frame.sample_rate);
}

}  // namespace bgm::av
