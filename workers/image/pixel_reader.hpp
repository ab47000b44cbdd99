// A picture in, the numbers that a published image encoder was trained to see out: float32, channel after
// channel (red, green, blue), rows from top to bottom.
//
// From the same stored pixels it gives the reference's tensors bit for bit (resample.hpp, pixel_config.hpp).
// What the product does otherwise is in Fidelity. Several threads may use one reader at once. Create it
// before the process is sandboxed.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "schemas/result.hpp"
#include "workers/image/pixel_config.hpp"
#include "workers/media/picture/image_decoder.hpp"
#include "workers/media/picture/rgb_image.hpp"

namespace bgm {

enum class Fidelity {
    product,    // turned upright; a JPEG only decoded as finely as the resize can tell
                // (docs/clip-preprocessing.md)
    reference,  // as Hugging Face's processors do it: as stored, decoded in full
};

class PixelReader {
 public:
    struct Picture {
        ImageHeader header;  // what the file declares
        RgbImage seen;       // what the encoder sees of it, before its numbers are rescaled
    };

    explicit PixelReader(const PixelConfig& config, Fidelity fidelity = Fidelity::product,
                         ImageLimits limits = {});

    /// As `model_dir`/preprocessor_config.json says. Errors as in read_pixel_config().
    static Result<std::unique_ptr<PixelReader>> open(const std::filesystem::path& model_dir,
                                                     PixelFamily family,
                                                     Fidelity fidelity = Fidelity::product,
                                                     ImageLimits limits = {});

    int width() const { return config_.width(); }
    int height() const { return config_.height(); }
    /// How many numbers a picture becomes: 3 x height x width.
    std::size_t values() const { return static_cast<std::size_t>(3) * height() * width(); }

    /// An image file. `chw` must hold values() numbers; where the file cannot be read it stays as it was.
    /// Errors as in ImageDecoder::decode().
    Result<Picture> read(std::span<const std::byte> file, std::span<float> chw) const;

    /// A picture that is decoded already, a video's frame. The result is what the encoder sees of it. Errors:
    /// `invalid_argument` where the picture is empty or not what it says.
    Result<RgbImage> read(const RgbImage& picture, std::span<float> chw) const;

 private:
    PixelConfig config_;
    DecodeOptions decode_options_;
    ImageDecoder decoder_;
    std::array<std::array<float, 256>, 3> number_of_{};  // of each byte of a channel
};

}  // namespace bgm
