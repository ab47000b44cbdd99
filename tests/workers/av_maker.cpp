#include "tests/workers/av_maker.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>
#include <stdexcept>

namespace bgm::test {
namespace {

constexpr int kFramesPerS = 25;

struct FreeCodec {
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwrContext* resampler) const { swr_free(&resampler); }
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeCodec>;

int check(int code, const std::string& what) {
    if (code < 0) throw std::runtime_error("av_maker: " + what + " failed: " + std::to_string(code));
    return code;
}

template <typename T>
T* check(T* pointer, const std::string& what) {
    if (pointer == nullptr) throw std::runtime_error("av_maker: " + what + " is not there");
    return pointer;
}

AVDictionary* dictionary(const std::map<std::string, std::string>& entries) {
    AVDictionary* made = nullptr;
    for (const auto& [key, value] : entries)
        av_dict_set(&made, key.c_str(), value.c_str(), 0);
    return made;
}

// The muxer's side: bytes in memory, with seeking.
struct Target {
    std::string bytes;
    std::size_t position = 0;

    static int write(void* opaque, std::uint8_t* data, int size) {
        auto& self = *static_cast<Target*>(opaque);
        const auto count = static_cast<std::size_t>(size);
        self.bytes.resize(std::max(self.bytes.size(), self.position + count));
        std::memcpy(self.bytes.data() + self.position, data, count);
        self.position += count;
        return size;
    }
    static std::int64_t seek(void* opaque, std::int64_t offset, int whence) {
        auto& self = *static_cast<Target*>(opaque);
        const auto size = static_cast<std::int64_t>(self.bytes.size());
        if (whence == AVSEEK_SIZE) return size;
        const std::int64_t base = whence == SEEK_END   ? size
                                  : whence == SEEK_CUR ? static_cast<std::int64_t>(self.position)
                                                       : 0;
        self.position = static_cast<std::size_t>(base + offset);
        return base + offset;
    }
};

// One track: what it writes up to a time.
class Track {
 public:
    Track(AVFormatContext* format, const AvTrack& spec, double seconds)
        : format_(format),
          spec_(spec),
          seconds_(spec.seconds >= 0 ? spec.seconds : seconds),
          stream_(check(avformat_new_stream(format, nullptr), "stream")) {
        stream_->disposition = spec.disposition;
        stream_->metadata = dictionary(spec.tags);
        if (!spec.packets.empty()) {
            const AVCodecDescriptor* codec =
                check(avcodec_descriptor_get_by_name(spec.codec.c_str()), spec.codec);
            stream_->codecpar->codec_id = codec->id;
            stream_->codecpar->codec_type = codec->type;
            stream_->codecpar->width = spec.width;
            stream_->codecpar->height = spec.height;
            if (codec->type == AVMEDIA_TYPE_AUDIO) {
                stream_->codecpar->sample_rate = spec.rate_hz;
                check(av_channel_layout_from_string(&stream_->codecpar->ch_layout, spec.layout.c_str()),
                      spec.layout);
            }
            stream_->time_base = {1, 1000};
            return;
        }
        const AVCodec* codec = check(avcodec_find_encoder_by_name(spec.codec.c_str()), spec.codec);
        codec_.reset(check(avcodec_alloc_context3(codec), "encoder"));
        codec_->thread_count = 1;
        codec_->flags |= AV_CODEC_FLAG_BITEXACT;
        codec_->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
        if (spec.bits_per_s > 0) codec_->bit_rate = spec.bits_per_s;
        if ((format->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        pictures() ? set_pictures(*codec) : set_sound(*codec);
        AVDictionary* options = dictionary(spec.options);
        const int opened = avcodec_open2(codec_.get(), codec, &options);
        av_dict_free(&options);
        check(opened, spec.codec);
        stream_->time_base = codec_->time_base;
        check(avcodec_parameters_from_context(stream_->codecpar, codec_.get()), "parameters");
    }

    bool pictures() const { return spec_.width > 0; }
    double written_s() const { return written_s_; }
    bool done() const { return done_; }

    void write_next() {
        if (!spec_.packets.empty()) return write_packet();
        const Owned<AVFrame> frame(check(av_frame_alloc(), "frame"));
        const bool any = written_s_ < seconds_ - 1e-9 && !(still() && written_s_ > 0);
        if (any) pictures() ? draw(*frame) : play(*frame);
        encode(any ? frame.get() : nullptr);
        done_ = !any;
    }

 private:
    bool still() const { return (spec_.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0; }

    void set_pictures(const AVCodec& codec) {
        codec_->width = spec_.width;
        codec_->height = spec_.height;
        codec_->time_base = {1, kFramesPerS};
        codec_->framerate = {kFramesPerS, 1};
        codec_->gop_size = kFramesPerS;
        codec_->pix_fmt = !spec_.pixel_format.empty() ? av_get_pix_fmt(spec_.pixel_format.c_str())
                          : codec.pix_fmts != nullptr ? codec.pix_fmts[0]
                                                      : AV_PIX_FMT_YUV420P;
    }

    void set_sound(const AVCodec& codec) {
        codec_->sample_rate = spec_.rate_hz;
        codec_->time_base = {1, spec_.rate_hz};
        codec_->sample_fmt = codec.sample_fmts != nullptr ? codec.sample_fmts[0] : AV_SAMPLE_FMT_S16;
        check(av_channel_layout_from_string(&codec_->ch_layout, spec_.layout.c_str()), spec_.layout);
    }

    void write_packet() {
        const Owned<AVPacket> packet(check(av_packet_alloc(), "packet"));
        const std::string& bytes = spec_.packets.at(packets_);
        check(av_new_packet(packet.get(), static_cast<int>(bytes.size())), "packet");
        std::memcpy(packet->data, bytes.data(), bytes.size());
        packet->stream_index = stream_->index;
        packet->pts = packet->dts = static_cast<std::int64_t>(packets_) * spec_.packet_ms;
        packet->duration = spec_.packet_ms;
        packet->flags |= AV_PKT_FLAG_KEY;
        av_packet_rescale_ts(packet.get(), {1, 1000}, stream_->time_base);
        check(av_interleaved_write_frame(format_, packet.get()), "write");
        written_s_ = static_cast<double>(++packets_) * spec_.packet_ms / 1000;
        done_ = packets_ == spec_.packets.size();
    }

    void encode(const AVFrame* frame) {
        check(avcodec_send_frame(codec_.get(), frame), "encode");
        const Owned<AVPacket> packet(check(av_packet_alloc(), "packet"));
        while (avcodec_receive_packet(codec_.get(), packet.get()) >= 0) {
            packet->stream_index = stream_->index;
            if (packet->duration == 0 && pictures()) packet->duration = 1;
            av_packet_rescale_ts(packet.get(), codec_->time_base, stream_->time_base);
            check(av_interleaved_write_frame(format_, packet.get()), "write");
        }
    }

    void draw(AVFrame& frame) {
        std::vector<std::uint8_t> rgb;
        const double centre = spec_.width * (0.5 + 0.4 * std::sin(written_s_ * 4));
        for (int y = 0; y < spec_.height; ++y) {
            for (int x = 0; x < spec_.width; ++x) {
                const double away = std::hypot(x - centre, y - spec_.height / 2.0);
                const bool disc = away < spec_.height * 0.25;
                if (disc) {
                    rgb.insert(rgb.end(), {250, 230, 120});
                } else {
                    rgb.insert(rgb.end(), {60, static_cast<std::uint8_t>(90 + y * 100 / spec_.height), 190});
                }
            }
        }
        frame.width = spec_.width;
        frame.height = spec_.height;
        frame.format = codec_->pix_fmt;
        frame.pts = std::lround(written_s_ * kFramesPerS);
        check(av_frame_get_buffer(&frame, 0), "frame");
        const Owned<SwsContext> scaler(
            check(sws_getContext(spec_.width, spec_.height, AV_PIX_FMT_RGB24, spec_.width, spec_.height,
                                 codec_->pix_fmt, SWS_BILINEAR, nullptr, nullptr, nullptr),
                  "scaler"));
        const std::array source{static_cast<const std::uint8_t*>(rgb.data())};
        const std::array stride{spec_.width * 3};
        sws_scale(scaler.get(), source.data(), stride.data(), 0, spec_.height, frame.data, frame.linesize);
        written_s_ += 1.0 / kFramesPerS;
    }

    void play(AVFrame& frame) {
        const int channels = codec_->ch_layout.nb_channels;
        const bool last_may_be_short = (codec_->codec->capabilities & AV_CODEC_CAP_SMALL_LAST_FRAME) != 0;
        int count = codec_->frame_size > 0 ? codec_->frame_size : 1024;
        if (last_may_be_short)
            count =
                std::min(count, static_cast<int>(std::lround((seconds_ - written_s_) * spec_.rate_hz)) + 1);
        std::vector<float> samples;
        for (int i = 0; i < count; ++i) {
            const double time_s = written_s_ + static_cast<double>(i) / spec_.rate_hz;
            for (int channel = 0; channel < channels; ++channel) {
                const double tone = 0.2 * std::sin(2 * std::numbers::pi * 440 * time_s);
                samples.push_back(static_cast<float>(spec_.sound ? spec_.sound(channel, time_s) : tone));
            }
        }
        frame.nb_samples = count;
        frame.format = codec_->sample_fmt;
        frame.sample_rate = codec_->sample_rate;
        frame.pts = std::lround(written_s_ * spec_.rate_hz);
        check(av_channel_layout_copy(&frame.ch_layout, &codec_->ch_layout), "layout");
        check(av_frame_get_buffer(&frame, 0), "frame");
        SwrContext* made = nullptr;
        check(swr_alloc_set_opts2(&made, &codec_->ch_layout, codec_->sample_fmt, spec_.rate_hz,
                                  &codec_->ch_layout, AV_SAMPLE_FMT_FLT, spec_.rate_hz, 0, nullptr),
              "resampler");
        const Owned<SwrContext> resampler(made);
        check(swr_init(made), "resampler");
        const auto* source = reinterpret_cast<const std::uint8_t*>(samples.data());
        check(swr_convert(made, frame.extended_data, count, &source, count), "resample");
        written_s_ += static_cast<double>(count) / spec_.rate_hz;
    }

    AVFormatContext* format_;
    const AvTrack& spec_;
    double seconds_;
    AVStream* stream_;
    Owned<AVCodecContext> codec_;
    double written_s_ = 0;
    std::size_t packets_ = 0;
    bool done_ = false;
};

void add_chapters(AVFormatContext& format, const AvFile& file) {
    if (file.chapters.empty()) return;
    const auto count = file.chapters.size();
    format.chapters = static_cast<AVChapter**>(check(av_calloc(count, sizeof(AVChapter*)), "chapters"));
    for (const std::string& title : file.chapters) {
        auto* chapter = static_cast<AVChapter*>(check(av_mallocz(sizeof(AVChapter)), "chapter"));
        const auto length = static_cast<std::int64_t>(file.seconds * 1000) / static_cast<std::int64_t>(count);
        chapter->id = format.nb_chapters;
        chapter->time_base = {1, 1000};
        chapter->start = length * format.nb_chapters;
        chapter->end = chapter->start + length;
        av_dict_set(&chapter->metadata, "title", title.c_str(), 0);
        format.chapters[format.nb_chapters++] = chapter;
    }
}

}  // namespace

std::string make_av_file(const AvFile& file) {
    av_log_set_level(AV_LOG_QUIET);
    Target target;
    AVFormatContext* format = nullptr;
    check(avformat_alloc_output_context2(&format, nullptr, file.container.c_str(), nullptr), file.container);
    const std::unique_ptr<AVFormatContext, decltype(&avformat_free_context)> owner(format,
                                                                                   avformat_free_context);
    auto* buffer = static_cast<unsigned char*>(check(av_malloc(1 << 16), "buffer"));
    format->pb =
        check(avio_alloc_context(buffer, 1 << 16, 1, &target, nullptr, &Target::write, &Target::seek), "io");
    const auto close_io = [](AVIOContext* io) {
        av_freep(&io->buffer);
        avio_context_free(&io);
    };
    const std::unique_ptr<AVIOContext, decltype(close_io)> io(format->pb, close_io);
    format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    format->metadata = dictionary(file.tags);
    format->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    add_chapters(*format, file);
    std::vector<std::unique_ptr<Track>> tracks;
    for (const AvTrack& track : file.tracks)
        tracks.push_back(std::make_unique<Track>(format, track, file.seconds));
    AVDictionary* options = dictionary(file.options);
    const int begun = avformat_write_header(format, &options);
    av_dict_free(&options);
    check(begun, file.container + "'s header");
    while (true) {
        Track* next = nullptr;
        for (const auto& track : tracks) {
            if (!track->done() && (next == nullptr || track->written_s() < next->written_s()))
                next = track.get();
        }
        if (next == nullptr) break;
        next->write_next();
    }
    check(av_write_trailer(format), "trailer");
    avio_flush(format->pb);
    return std::move(target.bytes);
}

std::string with_replaced(std::string text, const std::string& from, const std::string& to, std::size_t nth) {
    std::size_t at = std::string::npos;
    std::size_t found = text.find(from);
    for (std::size_t i = 0; found != std::string::npos && i <= nth; ++i) {
        at = found;
        found = text.find(from, found + 1);
    }
    if (at == std::string::npos || from.size() != to.size()) throw std::runtime_error("av_maker: no " + from);
    return text.replace(at, from.size(), to);
}

}  // namespace bgm::test
