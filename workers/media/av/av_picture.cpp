#include "workers/media/av/av_picture.hpp"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace bgm::av {
namespace {

constexpr int kSideMaxPx = 32'768;
constexpr int kRowAlignment = 64;  // swscale's vector code writes whole vectors past the end of a row

RgbImage turned(const RgbImage& source, Orientation orientation) {
    if (orientation.clockwise_quarters == 0 && !orientation.mirrored) return source;
    const bool swapped = orientation.clockwise_quarters % 2 == 1;
    RgbImage result;
    result.width = swapped ? source.height : source.width;
    result.height = swapped ? source.width : source.height;
    result.pixels.resize(source.pixels.size());
    for (int y = 0; y < source.height; ++y) {
        for (int x = 0; x < source.width; ++x) {
            int to_x = x;
            int to_y = y;
            switch (orientation.clockwise_quarters) {
                case 1:
                    to_x = source.height - 1 - y;
                    to_y = x;
                    break;
                case 2:
                    to_x = source.width - 1 - x;
                    to_y = source.height - 1 - y;
                    break;
                case 3:
                    to_x = y;
                    to_y = source.width - 1 - x;
                    break;
                default:
                    break;
            }
            if (orientation.mirrored) to_x = result.width - 1 - to_x;
            const auto from = (static_cast<std::size_t>(y) * static_cast<std::size_t>(source.width) +
                               static_cast<std::size_t>(x)) *
                              3;
            const auto to = (static_cast<std::size_t>(to_y) * static_cast<std::size_t>(result.width) +
                             static_cast<std::size_t>(to_x)) *
                            3;
            std::copy_n(source.pixels.begin() + static_cast<std::ptrdiff_t>(from), 3,
                        result.pixels.begin() + static_cast<std::ptrdiff_t>(to));
        }
    }
    return result;
}

}  // namespace

Orientation orientation_of(const AVStream& stream) {
    std::size_t size = 0;
    const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (data == nullptr || size < 9 * sizeof(std::int32_t)) return {};
    std::array<std::int32_t, 9> matrix{};
    std::memcpy(matrix.data(), data, sizeof matrix);
    Orientation orientation;
    const double determinant =
        static_cast<double>(matrix[0]) * matrix[4] - static_cast<double>(matrix[1]) * matrix[3];
    if (determinant < 0) {
        orientation.mirrored = true;
        av_display_matrix_flip(matrix.data(), 1, 0);
    }
    const double counter_clockwise = av_display_rotation_get(matrix.data());
    if (std::isfinite(counter_clockwise)) {
        const auto quarters = static_cast<int>(std::lround(-counter_clockwise / 90));
        orientation.clockwise_quarters = (quarters % 4 + 4) % 4;
    }
    return orientation;
}

PictureScaler::PictureScaler(const AVStream& stream, int longer_side_px)
    : stream_(*stream.codecpar),
      stream_aspect_(stream.sample_aspect_ratio),
      orientation_(orientation_of(stream)),
      longer_side_px_(longer_side_px) {}

PictureScaler::Size PictureScaler::shown_size(const AVFrame& frame, int longer_side_px) const {
    AVRational aspect = stream_aspect_.num > 0 ? stream_aspect_ : frame.sample_aspect_ratio;
    double pixel_aspect = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1;
    if (!(pixel_aspect > 0.1 && pixel_aspect < 10)) pixel_aspect = 1;
    const double width = frame.width * pixel_aspect;
    const double height = frame.height;
    const double scale = std::min(1.0, longer_side_px / std::max(width, height));
    return {std::max(1, static_cast<int>(std::lround(width * scale))),
            std::max(1, static_cast<int>(std::lround(height * scale)))};
}

// The frame's own tags; what they leave open, the container says.
ColourTags PictureScaler::tags_of(const AVFrame& frame, bool rgb) const {
    // Of VP8 libav says BT.601 and limited whatever was encoded, as its bit stream has no words for them.
    const bool vp8 = stream_.codec_id == AV_CODEC_ID_VP8;
    ColourTags tags;
    tags.matrix =
        frame.colorspace == AVCOL_SPC_UNSPECIFIED || (vp8 && stream_.color_space != AVCOL_SPC_UNSPECIFIED)
            ? stream_.color_space
            : frame.colorspace;
    tags.primaries =
        frame.color_primaries == AVCOL_PRI_UNSPECIFIED ? stream_.color_primaries : frame.color_primaries;
    tags.transfer = frame.color_trc == AVCOL_TRC_UNSPECIFIED ? stream_.color_trc : frame.color_trc;
    const AVColorRange range = frame.color_range == AVCOL_RANGE_UNSPECIFIED ||
                                       (vp8 && stream_.color_range != AVCOL_RANGE_UNSPECIFIED)
                                   ? stream_.color_range
                                   : frame.color_range;
    tags.full_range = range == AVCOL_RANGE_JPEG || (rgb && range == AVCOL_RANGE_UNSPECIFIED);
    return with_guesses(tags, frame.width, frame.height);
}

PictureScaler::Planes PictureScaler::planes_of(const AVFrame& frame) const {
    Planes planes;
    planes.source = static_cast<AVPixelFormat>(frame.format);
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(planes.source);
    if (format == nullptr) return planes;
    const bool rgb = (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
    planes.tags = tags_of(frame, rgb);
    // Formats that have the range in their name: to swscale they are the same without it.
    for (const auto& [named, plain] : {std::pair{AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
                                       std::pair{AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
                                       std::pair{AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P},
                                       std::pair{AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
                                       std::pair{AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P}}) {
        if (planes.source != named) continue;
        planes.source = plain;
        planes.tags.full_range = true;
    }
    planes.samples.layout = rgb                         ? FilmColour::Layout::rgb
                            : format->nb_components < 3 ? FilmColour::Layout::gray
                                                        : FilmColour::Layout::yuv;
    planes.samples.depth_bits = std::clamp(format->comp[0].depth, 8, 16);
    const bool fine = planes.samples.depth_bits > 8 || is_high_dynamic_range(planes.tags);
    planes.samples.sample_bits = fine ? 16 : 8;
    switch (planes.samples.layout) {
        case FilmColour::Layout::rgb:
            planes.scaled = fine ? AV_PIX_FMT_GBRP16 : AV_PIX_FMT_GBRP;
            break;
        case FilmColour::Layout::gray:
            planes.scaled = fine ? AV_PIX_FMT_GRAY16 : AV_PIX_FMT_GRAY8;
            break;
        case FilmColour::Layout::yuv:
            planes.scaled = fine ? AV_PIX_FMT_YUV444P16 : AV_PIX_FMT_YUV444P;
            break;
    }
    return planes;
}

bool PictureScaler::scale(const AVFrame& frame, Size size, const Planes& planes, Scaler& scaler,
                          std::optional<Colour>& colour, std::vector<std::uint8_t>& rgb) {
    if (frame.width <= 0 || frame.height <= 0 || frame.width > kSideMaxPx || frame.height > kSideMaxPx ||
        frame.data[0] == nullptr || sws_isSupportedInput(planes.source) == 0) {
        return false;
    }
    // Both sides are of the same kind, so that no matrix and no range of swscale's comes in. Between RGB and
    // RGB it goes through a YUV of its own, whose chroma is to be kept whole.
    const int flags = planes.samples.layout == FilmColour::Layout::rgb
                          ? SWS_AREA | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND
                          : SWS_AREA;
    scaler.reset(sws_getCachedContext(scaler.release(), frame.width, frame.height, planes.source, size.width,
                                      size.height, planes.scaled, flags, nullptr, nullptr, nullptr));
    if (!scaler) return false;

    const int bytes = planes.samples.sample_bits / 8;
    const int stride = (size.width * bytes + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
    const auto plane_bytes =
        static_cast<std::size_t>(stride) * static_cast<std::size_t>(size.height) + kRowAlignment;
    const std::size_t plane_count = planes.samples.layout == FilmColour::Layout::gray ? 1 : 3;
    std::vector<std::uint8_t> rows(plane_bytes * plane_count);
    std::array<std::uint8_t*, 4> target{};
    std::array<int, 4> strides{};
    for (std::size_t plane = 0; plane < plane_count; ++plane) {
        target[plane] = rows.data() + plane * plane_bytes;
        strides[plane] = stride;
    }
    if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, target.data(), strides.data()) <=
        0) {
        return false;
    }
    if (!colour || colour->tags != planes.tags || colour->samples != planes.samples)
        colour = Colour{planes.tags, planes.samples, FilmColour(planes.tags, planes.samples)};
    // libav's order is green, blue, red.
    if (planes.samples.layout == FilmColour::Layout::rgb) target = {target[2], target[0], target[1], nullptr};
    const auto width = static_cast<std::size_t>(size.width);
    rgb.resize(width * static_cast<std::size_t>(size.height) * 3);
    for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y) {
        std::array<const std::uint8_t*, 3> row{};
        for (std::size_t plane = 0; plane < plane_count; ++plane)
            row[plane] = target[plane] + y * static_cast<std::size_t>(stride);
        colour->conversion.convert(row, width, rgb.data() + y * width * 3);
    }
    return true;
}

bool PictureScaler::to_picture(const AVFrame& frame, RgbImage& picture) {
    const Size size = shown_size(frame, longer_side_px_);
    RgbImage stored;
    if (!scale(frame, size, planes_of(frame), picture_scaler_, picture_colour_, stored.pixels)) return false;
    stored.width = size.width;
    stored.height = size.height;
    picture = turned(stored, orientation_);
    return true;
}

std::vector<std::uint8_t> PictureScaler::to_luma(const AVFrame& frame) {
    Planes planes = planes_of(frame);
    // Luma that stands in a plane of its own is all that has to be scaled.
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(planes.source);
    if (planes.samples.layout == FilmColour::Layout::yuv && format->comp[1].plane != 0) {
        const int depth = format->comp[0].depth + format->comp[0].shift;
        const AVPixelFormat gray = depth == 8    ? AV_PIX_FMT_GRAY8
                                   : depth == 9  ? AV_PIX_FMT_GRAY9
                                   : depth == 10 ? AV_PIX_FMT_GRAY10
                                   : depth == 12 ? AV_PIX_FMT_GRAY12
                                   : depth == 14 ? AV_PIX_FMT_GRAY14
                                   : depth == 16 ? AV_PIX_FMT_GRAY16
                                                 : AV_PIX_FMT_NONE;
        if (gray != AV_PIX_FMT_NONE) {
            planes.source = gray;
            planes.samples.layout = FilmColour::Layout::gray;
            planes.scaled = planes.samples.sample_bits == 16 ? AV_PIX_FMT_GRAY16 : AV_PIX_FMT_GRAY8;
        }
    }
    std::vector<std::uint8_t> rgb;
    std::vector<std::uint8_t> luma;
    if (!scale(frame, shown_size(frame, 64), planes, luma_scaler_, luma_colour_, rgb)) return luma;
    luma.resize(rgb.size() / 3);
    for (std::size_t i = 0; i < luma.size(); ++i) {
        const int sum = 299 * rgb[3 * i] + 587 * rgb[3 * i + 1] + 114 * rgb[3 * i + 2];
        luma[i] = static_cast<std::uint8_t>((sum + 500) / 1000);
    }
    return luma;
}

}  // namespace bgm::av
