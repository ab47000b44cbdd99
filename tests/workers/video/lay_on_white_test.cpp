// Idea: whatever format a decoder hands out with alpha, laying it on white is the same arithmetic on each of
// its planes; at odd sizes a coarse plane's last sample covers what is left.
extern "C" {
#include <libavutil/pixdesc.h>
}

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "workers/media/av/av_alpha.hpp"

namespace bgm {
namespace {

constexpr int kWidth = 7, kHeight = 5;

av::Frame frame_of(AVPixelFormat format) {
    av::Frame frame(av_frame_alloc());
    frame->format = format;
    frame->width = kWidth;
    frame->height = kHeight;
    EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
    // libav's writer of single samples sets bits and clears none.
    for (int plane = 0; plane < 4; ++plane) {
        if (frame->buf[plane] != nullptr) std::memset(frame->buf[plane]->data, 0, frame->buf[plane]->size);
    }
    return frame;
}

// Calls `visit` with each sample of a component, as libav's own reader of any format counts them.
template <typename Visit>
void each_sample(AVFrame& frame, int component, const Visit& visit) {
    const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
    const bool coarse = (format.flags & AV_PIX_FMT_FLAG_RGB) == 0 && (component == 1 || component == 2);
    const int columns = coarse ? AV_CEIL_RSHIFT(kWidth, format.log2_chroma_w) : kWidth;
    const int rows = coarse ? AV_CEIL_RSHIFT(kHeight, format.log2_chroma_h) : kHeight;
    for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
            std::uint16_t sample = 0;
            av_read_image_line(&sample, const_cast<const std::uint8_t**>(frame.data), frame.linesize, &format,
                               x, y, component, 1, 0);
            if (visit(sample)) {
                av_write_image_line(&sample, frame.data, frame.linesize, &format, x, y, component, 1);
            }
        }
    }
}

void fill(AVFrame& frame, int component, int value) {
    each_sample(frame, component, [&](std::uint16_t& sample) {
        sample = static_cast<std::uint16_t>(value);
        return true;
    });
}

TEST(LayOnWhite, EveryFormatWithAlpha) {
    for (const AVPixelFormat format :
         {AV_PIX_FMT_YUVA420P, AV_PIX_FMT_YUVA422P, AV_PIX_FMT_YUVA444P, AV_PIX_FMT_YUVA420P10,
          AV_PIX_FMT_YUVA444P12, AV_PIX_FMT_YUVA444P16, AV_PIX_FMT_GBRAP, AV_PIX_FMT_GBRAP12,
          AV_PIX_FMT_GBRAP16, AV_PIX_FMT_RGBA, AV_PIX_FMT_BGRA, AV_PIX_FMT_ARGB, AV_PIX_FMT_ABGR,
          AV_PIX_FMT_RGBA64, AV_PIX_FMT_YA8, AV_PIX_FMT_YA16}) {
        const AVPixFmtDescriptor& described = *av_pix_fmt_desc_get(format);
        const bool rgb = (described.flags & AV_PIX_FMT_FLAG_RGB) != 0;
        const int depth = described.comp[0].depth;
        const int top = (1 << depth) - 1;
        const int alpha_component = described.nb_components - 1;
        for (const bool full_range : {false, true}) {
            for (const double alpha : {0.0, 0.25, 1.0}) {
                SCOPED_TRACE(std::string(described.name) + ", alpha " + std::to_string(alpha));
                const av::Frame frame = frame_of(format);
                for (int i = 0; i < alpha_component; ++i)
                    fill(*frame, i, (40 + 20 * i) << (depth - 8));
                fill(*frame, alpha_component, static_cast<int>(alpha * top));
                ASSERT_TRUE(av::lay_on_white(*frame, nullptr, full_range));
                for (int i = 0; i < alpha_component; ++i) {
                    const bool chroma = !rgb && i > 0;
                    const int white = chroma              ? 128 << (depth - 8)
                                      : rgb || full_range ? top
                                                          : 235 << (depth - 8);
                    const double wanted = ((40 + 20 * i) << (depth - 8)) * alpha + white * (1 - alpha);
                    each_sample(*frame, i, [&](std::uint16_t& sample) {
                        EXPECT_NEAR(sample, wanted, 1 << (depth - 8)) << i;
                        return false;
                    });
                }
            }
        }
    }
}

TEST(LayOnWhite, FormatsWithoutAlphaAreLeftAlone) {
    const av::Frame frame = frame_of(AV_PIX_FMT_YUV420P);
    for (int i = 0; i < 3; ++i)
        fill(*frame, i, 50);
    ASSERT_TRUE(av::lay_on_white(*frame, nullptr, false));
    each_sample(*frame, 0, [](std::uint16_t& sample) {
        EXPECT_EQ(sample, 50);
        return false;
    });
}

TEST(LayOnWhite, AlphaOfAnotherSizeIsRefused) {
    const av::Frame frame = frame_of(AV_PIX_FMT_YUV420P);
    const av::Frame alpha = frame_of(AV_PIX_FMT_YUV420P);
    alpha->width = kWidth - 1;
    EXPECT_FALSE(av::lay_on_white(*frame, alpha.get(), false));
}

}  // namespace
}  // namespace bgm
