// A file of sound and pictures in memory, written through libav. For the makers of test media only: their
// headers show nothing of libav.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
}

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace bgm::test {

template <auto Function>
struct FreeByAddress {
    template <typename T>
    void operator()(T* object) const {
        Function(&object);
    }
};

using Codec = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using Frame = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;

inline int check(int code, const char* what) {
    if (code < 0)
        throw std::runtime_error(std::string("media_maker: ") + what + " failed: " + std::to_string(code));
    return code;
}

template <typename T>
T* check(T* pointer, const char* what) {
    if (pointer == nullptr) throw std::runtime_error(std::string("media_maker: ") + what + " is not there");
    return pointer;
}

// A muxer that writes into a string, with seeking (MP4 goes back to fill in sizes).
class Muxer {
 public:
    explicit Muxer(const char* container) {
        av_log_set_level(AV_LOG_QUIET);
        check(avformat_alloc_output_context2(&format_, nullptr, container, nullptr), container);
        auto* buffer = static_cast<unsigned char*>(check(av_malloc(1 << 16), "buffer"));
        format_->pb =
            check(avio_alloc_context(buffer, 1 << 16, 1, this, nullptr, &Muxer::write, &Muxer::seek), "io");
        format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    }
    Muxer(const Muxer&) = delete;
    Muxer& operator=(const Muxer&) = delete;
    ~Muxer() {
        av_freep(&format_->pb->buffer);
        avio_context_free(&format_->pb);
        avformat_free_context(format_);
    }

    AVFormatContext* format() { return format_; }
    void lose_pictures(int packets) { pictures_lost_ = packets; }

    Codec open(const char* name, const std::function<void(AVCodecContext&)>& set) {
        const AVCodec* codec = check(avcodec_find_encoder_by_name(name), name);
        Codec context(check(avcodec_alloc_context3(codec), "encoder"));
        context->thread_count = 1;
        context->flags |= AV_CODEC_FLAG_BITEXACT;
        context->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
        if ((format_->oformat->flags & AVFMT_GLOBALHEADER) != 0)
            context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        set(*context);
        check(avcodec_open2(context.get(), codec, nullptr), name);
        AVStream* stream = check(avformat_new_stream(format_, nullptr), "stream");
        stream->time_base = context->time_base;
        check(avcodec_parameters_from_context(stream->codecpar, context.get()), "parameters");
        return context;
    }

    // nullptr ends the stream.
    void encode(AVCodecContext& codec, int stream, const AVFrame* frame) {
        check(avcodec_send_frame(&codec, frame), "encode");
        const Packet packet(check(av_packet_alloc(), "packet"));
        while (avcodec_receive_packet(&codec, packet.get()) >= 0) {
            packet->stream_index = stream;
            if (codec.codec_type == AVMEDIA_TYPE_VIDEO && pictures_lost_ > 0) {
                --pictures_lost_;
                continue;
            }
            // Without it the last frame would last no time, and a clip of one frame would be empty.
            if (packet->duration == 0 && codec.codec_type == AVMEDIA_TYPE_VIDEO) packet->duration = 1;
            av_packet_rescale_ts(packet.get(), codec.time_base, format_->streams[stream]->time_base);
            check(av_interleaved_write_frame(format_, packet.get()), "write");
        }
    }

    std::string finish() {
        check(av_write_trailer(format_), "trailer");
        avio_flush(format_->pb);
        return std::move(bytes_);
    }

 private:
    static int write(void* opaque, std::uint8_t* data, int size) {
        auto& self = *static_cast<Muxer*>(opaque);
        const auto count = static_cast<std::size_t>(size);
        if (self.bytes_.size() < self.position_ + count) self.bytes_.resize(self.position_ + count);
        std::memcpy(self.bytes_.data() + self.position_, data, count);
        self.position_ += count;
        return size;
    }

    static std::int64_t seek(void* opaque, std::int64_t offset, int whence) {
        auto& self = *static_cast<Muxer*>(opaque);
        if (whence == AVSEEK_SIZE) return static_cast<std::int64_t>(self.bytes_.size());
        const std::int64_t base = whence == SEEK_END   ? static_cast<std::int64_t>(self.bytes_.size())
                                  : whence == SEEK_CUR ? static_cast<std::int64_t>(self.position_)
                                                       : 0;
        self.position_ = static_cast<std::size_t>(base + offset);
        return base + offset;
    }

    AVFormatContext* format_ = nullptr;
    std::string bytes_;
    std::size_t position_ = 0;
    int pictures_lost_ = 0;  // packets that are still to be left out
};

}  // namespace bgm::test
