#include "workers/image/pixel_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace bgm {
namespace {

// An antialiasing resize weighs many source pixels for each of its own. Halving them beforehand, as libjpeg
// does while it decodes, is not seen as long as two are left for one.
constexpr int kOversampling = 2;

DecodeOptions decode_options(const PixelConfig& config, Fidelity fidelity) {
    DecodeOptions options{.alpha = AlphaRule::dropped, .upright = fidelity == Fidelity::product};
    if (fidelity == Fidelity::reference) return options;
    switch (config.resize) {
        case PixelConfig::Resize::none:
            break;  // how large the picture is decides what the crop shows
        case PixelConfig::Resize::shortest_edge:
            options.shorter_side_min = kOversampling * config.shortest_edge;
            break;
        case PixelConfig::Resize::exact:
            options.shorter_side_min = kOversampling * std::max(config.resize_width, config.resize_height);
            break;
    }
    return options;
}

// `whole`, and the middle of it where there is a crop. The offsets are those of Hugging Face's center_crop():
// rounded down, also where they are negative because the picture is smaller than the crop.
ResampleWindow window_of(const PixelConfig& config, std::int64_t width, std::int64_t height) {
    switch (config.resize) {
        case PixelConfig::Resize::none:
            break;
        case PixelConfig::Resize::shortest_edge: {
            const auto shorter = static_cast<double>(std::min(width, height));
            const std::int64_t longest = std::int64_t{config.shortest_edge} * std::max(width, height);
            const auto longer = static_cast<std::int64_t>(static_cast<double>(longest) / shorter);
            const bool upright = width <= height;
            width = upright ? config.shortest_edge : longer;
            height = upright ? longer : config.shortest_edge;
            break;
        }
        case PixelConfig::Resize::exact:
            width = config.resize_width;
            height = config.resize_height;
            break;
    }
    const auto middle = [](std::int64_t size, int crop) { return (size - crop) >> 1; };
    return {.width = width,
            .height = height,
            .left = middle(width, config.width()),
            .top = middle(height, config.height()),
            .window_width = config.width(),
            .window_height = config.height()};
}

Error misused(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
}

}  // namespace

PixelReader::PixelReader(const PixelConfig& config, Fidelity fidelity, ImageLimits limits)
    : config_(config), decode_options_(decode_options(config, fidelity)), decoder_(limits) {
    // The reference multiplies in double and rounds, then subtracts and divides in float.
    for (std::size_t c = 0; c < number_of_.size(); ++c) {
        for (std::size_t byte = 0; byte < number_of_[c].size(); ++byte) {
            auto number = static_cast<float>(byte);
            if (config.rescale)
                number = static_cast<float>(static_cast<double>(byte) * config.rescale_factor);
            if (config.normalize) number = (number - config.mean[c]) / config.deviation[c];
            number_of_[c][byte] = number;
        }
    }
}

Result<std::unique_ptr<PixelReader>> PixelReader::open(const std::filesystem::path& model_dir,
                                                       PixelFamily family, Fidelity fidelity,
                                                       ImageLimits limits) {
    const auto config = read_pixel_config(model_dir / "preprocessor_config.json", family);
    if (!config) return config.error();
    return std::make_unique<PixelReader>(*config, fidelity, limits);
}

Result<PixelReader::Picture> PixelReader::read(std::span<const std::byte> file, std::span<float> chw) const {
    auto decoded = decoder_.decode(file, decode_options_);
    if (!decoded) return decoded.error();
    auto seen = read(decoded->image, chw);
    if (!seen) return seen.error();
    return Picture{decoded->header, *std::move(seen)};
}

Result<RgbImage> PixelReader::read(const RgbImage& picture, std::span<float> chw) const {
    if (chw.size() != values()) {
        return misused("room for " + std::to_string(chw.size()) + " numbers, where a picture becomes " +
                       std::to_string(values()));
    }
    if (picture.empty() || !picture.consistent()) return misused("a picture without pixels");
    RgbImage seen = resample(picture, window_of(config_, picture.width, picture.height), config_.filter);
    const std::size_t plane = static_cast<std::size_t>(width()) * height();
    for (std::size_t i = 0; i < plane; ++i) {
        for (std::size_t c = 0; c < 3; ++c)
            chw[c * plane + i] = number_of_[c][seen.pixels[i * 3 + c]];
    }
    return seen;
}

}  // namespace bgm
