#include "workers/media/av_audio.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
}

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "workers/media/av_input.hpp"

namespace bgm {
namespace {

// Below and above these, resampling would take memory or time out of proportion to what can be heard.
constexpr int kSourceRateMinHz = 4'000;
constexpr int kSourceRateMaxHz = 384'000;
constexpr int kChannelsMax = 16;
constexpr int kErrorsMax = 200;                // undecodable packets before the rest is given up
constexpr std::int64_t kPacketsMax = 200'000;  // 30 s in the smallest packets of any codec, and a wide margin

// Collects frames of any format as mono samples of one rate. Formats may change in mid-stream (chained Ogg
// files).
class MonoSink {
 public:
    MonoSink(int rate_hz, std::size_t samples_max) : rate_hz_(rate_hz), samples_max_(samples_max) {}

    bool full() const { return samples_.size() >= samples_max_; }
    std::vector<float>& samples() { return samples_; }

    // False where the frame's format is none that is handled; such a frame is dropped.
    bool add(const AVFrame& frame) {
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
        const int room = swr_get_out_samples(resampler_.get(), frame.nb_samples);
        if (room < 0) return false;
        return convert(const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples, room);
    }

    void drain() {
        if (!resampler_) return;
        const int room = swr_get_out_samples(resampler_.get(), 0);
        if (room > 0) convert(nullptr, 0, room);
    }

 private:
    bool configure(const AVFrame& frame) {
        AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
        AVChannelLayout source{};
        if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
            av_channel_layout_default(&source, frame.ch_layout.nb_channels);
        } else if (av_channel_layout_copy(&source, &frame.ch_layout) < 0) {
            return false;
        }
        SwrContext* made = nullptr;
        const int set =
            swr_alloc_set_opts2(&made, &mono, AV_SAMPLE_FMT_FLT, rate_hz_, &source,
                                static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
        av_channel_layout_uninit(&source);
        resampler_.reset(made);
        if (set < 0 || swr_init(made) < 0) {
            resampler_.reset();
            return false;
        }
        format_ = frame.format;
        source_rate_hz_ = frame.sample_rate;
        channels_ = frame.ch_layout.nb_channels;
        return true;
    }

    bool convert(const std::uint8_t** source, int count, int room) {
        const std::size_t before = samples_.size();
        samples_.resize(before + static_cast<std::size_t>(room));
        auto* target = reinterpret_cast<std::uint8_t*>(samples_.data() + before);
        const int made = swr_convert(resampler_.get(), &target, room, source, count);
        samples_.resize(std::min(samples_max_, before + static_cast<std::size_t>(std::max(made, 0))));
        return made >= 0;
    }

    int rate_hz_;
    std::size_t samples_max_;
    std::vector<float> samples_;
    av::Resampler resampler_;
    int format_ = -1;
    int source_rate_hz_ = 0;
    int channels_ = 0;
};

struct DecodeReport {
    std::int64_t packets = 0;
    int errors = 0;
    bool out_of_time = false;
};

// Decodes from where the demuxer stands until the sink is full; what lies before `from_s` is dropped.
Result<DecodeReport> decode_window(const av::Input& input, const AVStream& stream, AVCodecContext& decoder,
                                   double from_s, MonoSink& sink) {
    DecodeReport report;
    const av::Packet packet(av_packet_alloc());
    const av::Frame frame(av_frame_alloc());
    if (!packet || !frame) return av::out_of_memory();

    const auto take_frames = [&] {
        while (!sink.full() && avcodec_receive_frame(&decoder, frame.get()) == 0) {
            const bool early = frame->pts != AV_NOPTS_VALUE && from_s > 0 &&
                               static_cast<double>(frame->pts) * av_q2d(stream.time_base) < from_s - 0.1;
            if (!early && !sink.add(*frame)) ++report.errors;
            av_frame_unref(frame.get());
        }
    };

    for (std::int64_t packets = 0; packets < kPacketsMax && !sink.full(); ++packets) {
        if (input.budget().spent()) {
            report.out_of_time = true;
            break;
        }
        if (av_read_frame(input.format(), packet.get()) < 0) break;
        if (packet->stream_index == stream.index) {
            ++report.packets;
            if (avcodec_send_packet(&decoder, packet.get()) < 0 && ++report.errors > kErrorsMax) break;
            take_frames();
        }
        av_packet_unref(packet.get());
    }
    if (!sink.full() && !report.out_of_time && avcodec_send_packet(&decoder, nullptr) >= 0) take_frames();
    sink.drain();
    return report;
}

}  // namespace

Result<Waveform> decode_audio(std::span<const std::byte> file, const AudioLimits& limits,
                              const CpuBudget& budget) {
    if (file.size() > limits.bytes_max) {
        return Error{.code = ErrorCode::too_large,
                     .message = std::to_string(file.size()) + " bytes; the limit is " +
                                std::to_string(limits.bytes_max),
                     .field = {}};
    }
    auto opened = av::Input::open(file, budget, "audio");
    if (!opened) return opened.error();
    av::Input& input = **opened;
    const AVStream* stream = input.choose(AVMEDIA_TYPE_AUDIO);
    if (stream == nullptr) {
        if (input.format()->nb_streams == 0) {
            return Error{.code = ErrorCode::corrupt, .message = "the file holds no stream", .field = {}};
        }
        return Error{.code = ErrorCode::unsupported, .message = "the file has no sound", .field = {}};
    }
    auto decoder = input.decoder_for(*stream);
    if (!decoder) return decoder.error();

    Waveform waveform;
    waveform.sample_rate_hz = limits.sample_rate_hz;
    waveform.clip_duration_s = input.duration_s(*stream);
    const auto samples_max = static_cast<std::size_t>(std::ceil(limits.window_s * limits.sample_rate_hz));
    MonoSink sink(limits.sample_rate_hz, samples_max);

    // At least a full window must lie behind the start.
    const double start_s =
        std::clamp(waveform.clip_duration_s - limits.window_s, 0.0, waveform.clip_duration_s / 3);
    DecodeReport report;
    bool truncated = false;
    if (start_s > 0) {
        // Broadcasts count from an arbitrary moment, not from zero.
        const double origin_s = stream->start_time == AV_NOPTS_VALUE
                                    ? 0
                                    : static_cast<double>(stream->start_time) * av_q2d(stream->time_base);
        const auto target = static_cast<std::int64_t>((origin_s + start_s) / av_q2d(stream->time_base));
        if (av_seek_frame(input.format(), stream->index, target, AVSEEK_FLAG_BACKWARD) >= 0) {
            auto decoded = decode_window(input, *stream, **decoder, origin_s + start_s, sink);
            if (!decoded) return decoded.error();
            report = *decoded;
            waveform.start_s = start_s;
        }
        if (sink.samples().size() < samples_max / 2 && !budget.spent()) {
            // The claimed length was a lie or the seek went wrong: a fresh demuxer, from the beginning.
            truncated = true;
            sink = MonoSink(limits.sample_rate_hz, samples_max);
            opened = av::Input::open(file, budget, "audio");
            if (!opened) return opened.error();
            stream = (*opened)->choose(AVMEDIA_TYPE_AUDIO);
            if (stream == nullptr)
                return Error{.code = ErrorCode::corrupt, .message = "the sound is gone", .field = {}};
            decoder = (*opened)->decoder_for(*stream);
            if (!decoder) return decoder.error();
            waveform.start_s = 0;
        }
    }
    if (sink.samples().empty()) {
        auto decoded = decode_window(**opened, *stream, **decoder, 0, sink);
        if (!decoded) return decoded.error();
        report = *decoded;
    }

    if (sink.samples().empty()) {
        if (report.out_of_time || budget.spent()) {
            return Error{
                .code = ErrorCode::deadline_exceeded, .message = "decoding took too long", .field = {}};
        }
        return Error{.code = ErrorCode::corrupt, .message = "no sound could be decoded", .field = {}};
    }
    waveform.samples = std::move(sink.samples());
    // A hostile float stream holds infinities; one of them would spoil every average.
    for (float& sample : waveform.samples) {
        sample = std::isfinite(sample) ? std::clamp(sample, -4.0F, 4.0F) : 0.0F;
    }
    const double decoded_s = static_cast<double>(waveform.samples.size()) / limits.sample_rate_hz;
    const double expected_s = std::min(limits.window_s, waveform.clip_duration_s);
    if (report.out_of_time) waveform.notes.emplace_back("decoding stopped at its time limit");
    // The first packets after a seek or a cut may lack what they refer to; that is how such streams are.
    if (report.errors > 3 + report.packets / 50)
        waveform.notes.emplace_back("parts of the sound could not be decoded");
    if (truncated || decoded_s + 0.5 < expected_s) {
        waveform.notes.emplace_back("the file breaks off before its claimed end");
    }
    return waveform;
}

}  // namespace bgm
