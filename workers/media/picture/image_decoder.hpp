// An image file from a stranger in, upright RGB pixels out. The one place that knows OpenCV's codecs.
//
// Several threads may use one decoder at once. It never throws, keeps nothing of a file, and takes memory
// only after the declared size has been checked (see image_probe.hpp). Peak memory is about 8 bytes a
// declared pixel (a 16-bit PNG with alpha) plus 3 for the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/av/alpha_rule.hpp"
#include "workers/media/picture/image_probe.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

/// How much of a JPEG is worth decoding: libjpeg can decode at 1/2, 1/4 and 1/8 for a fraction of the time.
/// The smallest scale is used that still satisfies every number that is not 0; all 0 means full size. Other
/// formats are always decoded in full.
struct DecodeOptions {
    int shorter_side_min = 0;     // pixels
    std::int64_t pixels_min = 0;  // width x height
    AlphaRule alpha = AlphaRule::on_white;
    /// False: as the pixels are stored, whatever orientation the file declares. The turns of a HEIF file
    /// belong to the picture and are always made.
    bool upright = true;
};

struct DecodedImage {
    ImageHeader header;  // what the file declares: size before scaling and turning
    RgbImage image;      // orientation applied unless declined, alpha removed, gray widened
};

class ImageDecoder {
 public:
    explicit ImageDecoder(ImageLimits limits = {});
    ~ImageDecoder();
    ImageDecoder(const ImageDecoder&) = delete;
    ImageDecoder& operator=(const ImageDecoder&) = delete;

    /// Errors as in probe_image(), and `corrupt` where the codec gives up, `resource_exhausted` where memory
    /// does.
    Result<DecodedImage> decode(std::span<const std::byte> file, const DecodeOptions& options = {}) const;

 private:
    Result<DecodedImage> decode_checked(std::span<const std::byte> file, const DecodeOptions& options) const;
    Result<RgbImage> decode_kind(std::span<const std::byte> file, const ImageHeader& header,
                                 const DecodeOptions& options) const;

    ImageLimits limits_;
    int null_device_ = -1;  // opened once: a sandboxed worker cannot open it later
};

}  // namespace bgm
