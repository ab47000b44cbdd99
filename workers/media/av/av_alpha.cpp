#include "workers/media/av/av_alpha.hpp"

extern "C" {
#include <libavutil/intreadwrite.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace bgm::av {
namespace {

constexpr std::size_t kIdBytes = 8;  // in front of what a block carries, big-endian: what it is
constexpr std::uint64_t kAlphaId = 1;

std::span<const std::uint8_t> alpha_in(const AVPacket& packet) {
    std::size_t size = 0;
    const std::uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, &size);
    if (data == nullptr || size <= kIdBytes || AV_RB64(data) != kAlphaId) return {};
    return {data + kIdBytes, size - kIdBytes};
}

// Samples of one component of a frame.
struct Component {
    std::uint8_t* data;
    int stride, step;
    int shift, depth;

    std::uint8_t* row(int y) const { return data + std::ptrdiff_t{y} * stride; }
};

Component component_of(const AVFrame& frame, const AVPixFmtDescriptor& format, int index) {
    const AVComponentDescriptor& component = format.comp[index];
    return {frame.data[component.plane] + component.offset, frame.linesize[component.plane], component.step,
            component.shift, component.depth};
}

int read(const Component& component, const std::uint8_t* sample) {
    const int stored = component.depth + component.shift > 8 ? AV_RN16(sample) : *sample;
    return (stored >> component.shift) & ((1 << component.depth) - 1);
}

void write(const Component& component, std::uint8_t* sample, int value) {
    const int stored = value << component.shift;
    if (component.depth + component.shift > 8) {
        AV_WN16(sample, static_cast<std::uint16_t>(stored));
    } else {
        *sample = static_cast<std::uint8_t>(stored);
    }
}

// `columns_shift`, `rows_shift`: how much coarser the component is than alpha; its alpha is the mean.
void lay(const Component& component, const Component& alpha, int width, int height, int columns_shift,
         int rows_shift, int white) {
    const std::int64_t opaque = (1 << alpha.depth) - 1;
    for (int y = 0; (y << rows_shift) < height; ++y) {
        std::uint8_t* to = component.row(y);
        const int first_row = y << rows_shift;
        const int end_row = std::min(height, first_row + (1 << rows_shift));
        for (int x = 0; (x << columns_shift) < width; ++x, to += component.step) {
            const int first = x << columns_shift;
            const int end = std::min(width, first + (1 << columns_shift));
            std::int64_t sum = 0;
            for (int row = first_row; row < end_row; ++row) {
                const std::uint8_t* from = alpha.row(row) + std::ptrdiff_t{first} * alpha.step;
                for (int column = first; column < end; ++column, from += alpha.step)
                    sum += read(alpha, from);
            }
            const std::int64_t whole = opaque * (end_row - first_row) * (end - first);
            const std::int64_t seen = read(component, to) * sum + white * (whole - sum);
            write(component, to, static_cast<int>((seen + whole / 2) / whole));
        }
    }
}

}  // namespace

bool AlphaTrack::open() {
    if (decoder_) return true;
    if (refused_) return false;
    refused_ = true;
    Codec decoder(avcodec_alloc_context3(pictures_.codec));
    if (!decoder) return false;
    decoder->width = pictures_.width;
    decoder->height = pictures_.height;
    decoder->thread_count = 1;
    decoder->max_pixels = pictures_.max_pixels;
    decoder->pkt_timebase = pictures_.pkt_timebase;
    if (avcodec_open2(decoder.get(), pictures_.codec, nullptr) < 0) return false;
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (!frame_ || !packet_) return false;
    decoder_ = std::move(decoder);
    refused_ = false;
    return true;
}

void AlphaTrack::send(const AVPacket& packet) {
    if (pictures_.codec_id != AV_CODEC_ID_VP8 && pictures_.codec_id != AV_CODEC_ID_VP9) return;
    const std::span<const std::uint8_t> alpha = alpha_in(packet);
    if (alpha.empty() || !open()) return;
    sent_pts_ = packet.pts;
    av_packet_unref(packet_.get());
    if (av_new_packet(packet_.get(), static_cast<int>(alpha.size())) < 0) return;
    std::memcpy(packet_->data, alpha.data(), alpha.size());
    packet_->pts = packet.pts;
    packet_->dts = packet.dts;
    packet_->flags = packet.flags;
    av_frame_unref(frame_.get());
    if (avcodec_send_packet(decoder_.get(), packet_.get()) < 0) return;
    const Frame next(av_frame_alloc());
    while (next && avcodec_receive_frame(decoder_.get(), next.get()) >= 0) {
        av_frame_unref(frame_.get());
        av_frame_move_ref(frame_.get(), next.get());
    }
}

void AlphaTrack::flush() {
    sent_pts_ = AV_NOPTS_VALUE;
    if (!decoder_) return;
    avcodec_flush_buffers(decoder_.get());
    av_frame_unref(frame_.get());
}

bool AlphaTrack::expected(const AVFrame& picture) const {
    return sent_pts_ != AV_NOPTS_VALUE && picture.pts == sent_pts_;
}

const AVFrame* AlphaTrack::of(const AVFrame& picture) const {
    const bool there = expected(picture) && frame_->data[0] != nullptr && frame_->pts == picture.pts;
    return there ? frame_.get() : nullptr;
}

bool lay_on_white(AVFrame& frame, const AVFrame* alpha, bool full_range) {
    const auto* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
    if (format == nullptr) return false;
    const bool own = (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
    constexpr std::uint64_t kNotPlain = AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_FLOAT |
                                        AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL;
    if ((!own && alpha == nullptr) || (format->flags & kNotPlain) != 0) return true;
    const AVFrame& opacity = own ? frame : *alpha;
    const auto* opacity_format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(opacity.format));
    if (opacity_format == nullptr || (opacity_format->flags & kNotPlain) != 0 ||
        opacity.width != frame.width || opacity.height != frame.height ||
        av_frame_make_writable(&frame) < 0) {
        return false;
    }
    const Component see_through = component_of(opacity, *opacity_format, own ? format->nb_components - 1 : 0);
    const bool rgb = (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
    for (int i = 0; i < format->nb_components - (own ? 1 : 0); ++i) {
        const Component component = component_of(frame, *format, i);
        const bool chroma = !rgb && i > 0;
        const int white = chroma              ? 1 << (component.depth - 1)
                          : rgb || full_range ? (1 << component.depth) - 1
                                              : 235 << (component.depth - 8);
        lay(component, see_through, frame.width, frame.height, chroma ? format->log2_chroma_w : 0,
            chroma ? format->log2_chroma_h : 0, white);
    }
    return true;
}

}  // namespace bgm::av
