#include "workers/image/pixel_config.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/config_object.hpp"

namespace bgm {
namespace {

// Pillow's numbers for its filters (Image.Resampling).
constexpr std::int64_t kBilinear = 2;
constexpr std::int64_t kBicubic = 3;

struct Size {
    int width = 0;
    int height = 0;
};

int side(const ConfigObject& object, std::string_view key) {
    if (!object.has(key)) object.refuse(key, "is missing");
    return static_cast<int>(object.whole(key, 1, 1, kPixelSideMax));
}

// {"height": 384, "width": 384}, [384, 384] (height first), or 384 for a square.
Size size_of(const ConfigObject& config, std::string_view key, int absent) {
    if (config.has_object(key)) {
        const ConfigObject object = config.object(key);
        return {side(object, "width"), side(object, "height")};
    }
    if (config.has_list(key)) {
        const auto sides = config.wholes(key, {}, 1, kPixelSideMax);
        if (sides.size() == 2) return {static_cast<int>(sides[1]), static_cast<int>(sides[0])};
        config.refuse(key, "must be a height and a width");
        return {1, 1};
    }
    const int square = static_cast<int>(config.whole(key, absent, 1, kPixelSideMax));
    return {square, square};
}

// The shortest edge of every resized picture; 0 where `size` gives both sides.
int shortest_edge(const ConfigObject& config) {
    if (config.has_list("size")) return 0;
    if (!config.has_object("size")) return size_of(config, "size", 224).width;
    const ConfigObject size = config.object("size");
    if (!size.has("shortest_edge")) return 0;
    if (size.has("longest_edge")) size.refuse("longest_edge", "is not supported");
    return side(size, "shortest_edge");
}

void read_resize(const ConfigObject& config, PixelFamily family, PixelConfig& pixels) {
    if (!config.flag("do_resize", true)) {
        pixels.resize = PixelConfig::Resize::none;
        return;
    }
    pixels.shortest_edge = family == PixelFamily::clip ? shortest_edge(config) : 0;
    if (pixels.shortest_edge > 0) {
        pixels.resize = PixelConfig::Resize::shortest_edge;
    } else {
        pixels.resize = PixelConfig::Resize::exact;
        const Size exact = size_of(config, "size", 384);
        pixels.resize_width = exact.width;
        pixels.resize_height = exact.height;
    }
    const std::int64_t filter = config.whole("resample", kBicubic, 0, 5);
    if (filter != kBilinear && filter != kBicubic)
        config.refuse("resample", "only 2 (bilinear) and 3 (bicubic) are supported");
    pixels.filter = filter == kBilinear ? ResampleFilter::bilinear : ResampleFilter::bicubic;
}

void read_crop(const ConfigObject& config, PixelFamily family, PixelConfig& pixels) {
    pixels.center_crop = family == PixelFamily::clip && config.flag("do_center_crop", true);
    if (pixels.center_crop) {
        const Size crop = size_of(config, "crop_size", 224);
        pixels.crop_width = crop.width;
        pixels.crop_height = crop.height;
    } else if (pixels.resize != PixelConfig::Resize::exact) {
        config.refuse("do_center_crop", "without a crop every picture would have a size of its own");
    }
}

// One number a channel, or one for all.
std::array<float, 3> channels(const ConfigObject& config, std::string_view key,
                              const std::array<float, 3>& absent, double least, double most) {
    if (!config.has(key)) return absent;
    if (!config.has_list(key)) {
        const auto value = static_cast<float>(config.number(key, 1.0, least, most));
        return {value, value, value};
    }
    const auto values = config.numbers(key, {}, least, most);
    if (values.size() != 3) {
        config.refuse(key, "must be one number, or one for each of red, green and blue");
        return absent;
    }
    return {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])};
}

// Older files name a feature extractor; the class has only been renamed.
Status check_processor(const ConfigObject& config, const std::string& file, PixelFamily family) {
    const std::string key =
        config.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type";
    const std::string name = config.text(key, "");
    const std::string_view prefix = family == PixelFamily::clip ? "CLIP" : "Blip";
    std::string_view rest = name;
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    if (name.empty() || rest == "ImageProcessor" || rest == "FeatureExtractor" ||
        rest == "ImageProcessorFast")
        return config.status();
    return Error{.code = ErrorCode::unsupported,
                 .message = file + ": " + key + ": \"" + name.substr(0, 64) + "\" is not of the " +
                            std::string(prefix) + " family"};
}

}  // namespace

Result<PixelConfig> read_pixel_config(const std::filesystem::path& file, PixelFamily family) {
    const auto config = ConfigObject::read(file);
    if (!config) return config.error();
    if (auto known = check_processor(*config, file.string(), family); !known) return known.error();

    PixelConfig pixels;
    read_resize(*config, family, pixels);
    read_crop(*config, family, pixels);
    pixels.rescale = config->flag("do_rescale", true);
    pixels.rescale_factor = config->number("rescale_factor", pixels.rescale_factor, 1e-6, 1e3);
    pixels.normalize = config->flag("do_normalize", true);
    pixels.mean = channels(*config, "image_mean", pixels.mean, -1e3, 1e3);
    pixels.deviation = channels(*config, "image_std", pixels.deviation, 1e-6, 1e6);
    (void)config->flag("do_convert_rgb", true);  // every picture is; false only spares the reference the look
    if (auto status = config->status(); !status) return status.error();
    return pixels;
}

}  // namespace bgm
