#include "workers/media/picture/image_decoder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>
#include <vector>

#include "schemas/mutex.hpp"
#include "workers/media/animation/gif_decoder.hpp"
#include "workers/media/animation/webp_stream.hpp"
#include "workers/media/picture/exif_orientation.hpp"
#include "workers/media/picture/heif_decoder.hpp"
#include "workers/media/picture/jpeg_decoder.hpp"
#include "workers/media/picture/tiff_decoder.hpp"

namespace bgm {
namespace {

// libpng prints its complaints about a file to standard error, once a chunk, and OpenCV offers no way to stop
// them; dav1d does the same. While one of these lives the descriptor points nowhere. Only the codec runs in
// between. The descriptor belongs to the whole process, so the first of several threads turns it away and the
// last one turns it back.
class QuietStandardError {
 public:
    explicit QuietStandardError(int null_device) {
        const MutexLock lock(mutex);
        if (living++ > 0 || null_device < 0) return;
        std::fflush(stderr);
        saved = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        if (saved >= 0) ::dup2(null_device, STDERR_FILENO);
    }
    ~QuietStandardError() {
        const MutexLock lock(mutex);
        if (--living > 0 || saved < 0) return;
        std::fflush(stderr);
        ::dup2(saved, STDERR_FILENO);
        ::close(std::exchange(saved, -1));
    }
    QuietStandardError(const QuietStandardError&) = delete;
    QuietStandardError& operator=(const QuietStandardError&) = delete;

 private:
    static inline Mutex mutex;
    static inline int living = 0;
    static inline int saved = -1;
};

// How far a JPEG may be reduced: 1, 2, 4 or 8.
int reduction(const ImageHeader& header, const DecodeOptions& options) {
    if (options.shorter_side_min <= 0 && options.pixels_min <= 0) return 1;
    int best = 1;
    for (const int divisor : {2, 4, 8}) {
        const int width =
            header.width / divisor;  // libjpeg rounds up, so this is never more than what comes out
        const int height = header.height / divisor;
        if (std::min(width, height) < std::max(options.shorter_side_min, 1)) break;
        if (std::int64_t{width} * height < options.pixels_min) break;
        best = divisor;
    }
    return best;
}

int read_flags(ImageKind kind) {
    // UNCHANGED keeps the alpha channel; BMP's fourth byte is mostly padding. The orientation is applied
    // here, once, for every format: OpenCV knows it only for some.
    return kind == ImageKind::bmp ? cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION : cv::IMREAD_UNCHANGED;
}

std::uint8_t over_white(std::uint8_t color, std::uint32_t alpha) {
    return static_cast<std::uint8_t>((color * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

// Sixteen bits to eight by leaving out the lower ones, as Pillow does.
cv::Mat high_bytes(const cv::Mat& deep) {
    cv::Mat shallow(deep.rows, deep.cols, CV_MAKETYPE(CV_8U, deep.channels()));
    for (int y = 0; y < deep.rows; ++y) {
        const auto* from = deep.ptr<std::uint16_t>(y);
        std::transform(from, from + static_cast<std::ptrdiff_t>(deep.cols) * deep.channels(),
                       shallow.ptr<std::uint8_t>(y),
                       [](std::uint16_t sample) { return static_cast<std::uint8_t>(sample >> 8U); });
    }
    return shallow;
}

RgbImage to_rgb(cv::Mat picture, AlphaRule rule) {
    if (picture.depth() == CV_16U) picture = high_bytes(picture);
    if (picture.depth() != CV_8U) CV_Error(cv::Error::StsUnsupportedFormat, "unexpected sample type");
    RgbImage image;
    image.width = picture.cols;
    image.height = picture.rows;
    image.pixels.resize(picture.total() * 3);
    cv::Mat rgb(picture.rows, picture.cols, CV_8UC3, image.pixels.data());
    switch (picture.channels()) {
        case 1:
            cv::cvtColor(picture, rgb, cv::COLOR_GRAY2RGB);
            break;
        case 3:
            cv::cvtColor(picture, rgb, cv::COLOR_BGR2RGB);
            break;
        case 4:
            for (int y = 0; y < picture.rows; ++y) {
                const auto* from = picture.ptr<std::uint8_t>(y);
                auto* to = rgb.ptr<std::uint8_t>(y);
                for (int x = 0; x < picture.cols; ++x, from += 4, to += 3) {
                    const std::uint32_t alpha = rule == AlphaRule::on_white ? from[3] : 255U;
                    for (int c = 0; c < 3; ++c)
                        to[c] = over_white(from[2 - c], alpha);
                }
            }
            break;
        default:
            CV_Error(cv::Error::StsUnsupportedFormat, "unexpected channel count");
    }
    return image;
}

Error damaged(ImageKind kind) {
    constexpr std::array<std::string_view, 9> kNames{"JPEG", "PNG",  "WebP", "GIF",    "BMP",
                                                     "TIFF", "HEIC", "AVIF", "unknown"};
    return Error{.code = ErrorCode::corrupt,
                 .message = "a " + std::string(kNames.at(static_cast<std::size_t>(kind))) +
                            " image that cannot be decoded: cut off or damaged"};
}

Result<RgbImage> decode_with_opencv(std::span<const std::byte> file, ImageKind kind, AlphaRule alpha,
                                    int null_device) {
    try {
        // OpenCV only reads from it; its interface has no const.
        const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::byte*>(file.data()));
        cv::Mat picture;
        {
            const QuietStandardError quiet(null_device);
            picture = cv::imdecode(bytes, read_flags(kind));
        }
        if (picture.empty()) return damaged(kind);
        return to_rgb(std::move(picture), alpha);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const cv::Exception& failure) {
        if (failure.code == cv::Error::StsNoMem) throw std::bad_alloc();
        return damaged(kind);
    } catch (const std::exception&) {
        return damaged(kind);
    }
}

}  // namespace

ImageDecoder::ImageDecoder(ImageLimits limits)
    : limits_(limits), null_device_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {
    // One core a worker: a pool of threads for each would have them fight over the cores.
    cv::setNumThreads(1);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    // At its first picture OpenCV sets up all of its codecs, and some of those read files of their own: a
    // confined worker no longer could.
    (void)cv::imdecode(cv::Mat(1, 1, CV_8U, cv::Scalar(0)), cv::IMREAD_COLOR);
    prepare_heif();
}

ImageDecoder::~ImageDecoder() {
    if (null_device_ >= 0) ::close(null_device_);
}

Result<DecodedImage> ImageDecoder::decode(std::span<const std::byte> file,
                                          const DecodeOptions& options) const {
    try {
        return decode_checked(file, options);
    } catch (const std::bad_alloc&) {
        return Error{.code = ErrorCode::resource_exhausted, .message = "not enough memory for this image"};
    }
}

Result<DecodedImage> ImageDecoder::decode_checked(std::span<const std::byte> file,
                                                  const DecodeOptions& options) const {
    auto header = probe_image(file, limits_);
    if (!header) return header.error();
    std::vector<std::byte> first_frame;
    if (header->kind == ImageKind::webp) {
        if (const WebpStream stream = walk_webp(file); stream.animated) {
            first_frame = still_webp(stream);
            file = first_frame;
        }
    }
    auto image = decode_kind(file, *header, options);
    if (!image) return image.error();
    if (options.upright)
        return DecodedImage{*header, apply_orientation(std::move(*image), header->orientation)};
    return DecodedImage{*header, std::move(*image)};
}

Result<RgbImage> ImageDecoder::decode_kind(std::span<const std::byte> file, const ImageHeader& header,
                                           const DecodeOptions& options) const {
    switch (header.kind) {
        case ImageKind::jpeg:
            return decode_jpeg(file, header, reduction(header, options));
        case ImageKind::gif:
            return decode_gif(file, limits_.pixels_max, options.alpha);
        case ImageKind::heic:
        case ImageKind::avif: {
            const QuietStandardError quiet(null_device_);
            return decode_heif(file, header, limits_.pixels_max, options.alpha);
        }
        case ImageKind::tiff:
            return decode_tiff(file, header, limits_.pixels_max, options.alpha);
        default:
            return decode_with_opencv(file, header.kind, options.alpha, null_device_);
    }
}

}  // namespace bgm
