#include "workers/media/av_picture.hpp"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

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
    : stream_aspect_(stream.sample_aspect_ratio),
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

bool PictureScaler::scale(const AVFrame& frame, Size size, AVPixelFormat format, Scaler& scaler,
                          std::vector<std::uint8_t>& pixels) {
    const auto source_format = static_cast<AVPixelFormat>(frame.format);
    if (frame.width <= 0 || frame.height <= 0 || frame.width > kSideMaxPx || frame.height > kSideMaxPx ||
        frame.data[0] == nullptr || sws_isSupportedInput(source_format) == 0) {
        return false;
    }
    scaler.reset(sws_getCachedContext(scaler.release(), frame.width, frame.height, source_format, size.width,
                                      size.height, format, SWS_AREA, nullptr, nullptr, nullptr));
    if (!scaler) return false;
    const int channels = format == AV_PIX_FMT_RGB24 ? 3 : 1;
    const int stride = (size.width * channels + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
    std::vector<std::uint8_t> rows(static_cast<std::size_t>(stride) * static_cast<std::size_t>(size.height) +
                                   kRowAlignment);
    const std::array<std::uint8_t*, 4> target{rows.data(), nullptr, nullptr, nullptr};
    const std::array strides{stride, 0, 0, 0};
    if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, target.data(), strides.data()) <=
        0) {
        return false;
    }
    const auto row_bytes = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(channels);
    pixels.resize(row_bytes * static_cast<std::size_t>(size.height));
    for (int y = 0; y < size.height; ++y) {
        std::memcpy(pixels.data() + static_cast<std::size_t>(y) * row_bytes,
                    rows.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(stride), row_bytes);
    }
    return true;
}

bool PictureScaler::to_picture(const AVFrame& frame, RgbImage& picture) {
    const Size size = shown_size(frame, longer_side_px_);
    RgbImage stored;
    if (!scale(frame, size, AV_PIX_FMT_RGB24, colour_, stored.pixels)) return false;
    stored.width = size.width;
    stored.height = size.height;
    picture = turned(stored, orientation_);
    return true;
}

std::vector<std::uint8_t> PictureScaler::to_luma(const AVFrame& frame) {
    std::vector<std::uint8_t> luma;
    if (!scale(frame, shown_size(frame, 64), AV_PIX_FMT_GRAY8, luma_, luma)) luma.clear();
    return luma;
}

}  // namespace bgm::av
