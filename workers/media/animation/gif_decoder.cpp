#include "workers/media/animation/gif_decoder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "workers/media/animation/gif_reader.hpp"

namespace bgm {

Result<RgbImage> decode_gif(std::span<const std::byte> file, std::int64_t pixels_max, AlphaRule alpha) {
    GifReader reader(file);
    auto frame = reader.next_frame();
    if (!frame) return frame.error();
    const FramePlace& place = frame->place;
    // Like browsers, let a frame that reaches over the edge widen the canvas.
    const int width = std::max(reader.screen_width(), place.left + place.width);
    const int height = std::max(reader.screen_height(), place.top + place.height);
    if (std::int64_t{width} * height > pixels_max) {
        return Error{.code = ErrorCode::too_large,
                     .message = "a GIF image of " + std::to_string(width) + " x " + std::to_string(height) +
                                " pixels"};
    }

    std::vector<std::uint8_t> indices(static_cast<std::size_t>(place.pixels()));
    if (!reader.read_pixels(indices)) {
        return Error{.code = ErrorCode::corrupt, .message = "a GIF image that was cut off or damaged"};
    }

    RgbImage image;
    image.width = width;
    image.height = height;
    image.pixels.assign(static_cast<std::size_t>(width) * height * 3, 255);
    const auto put = [&](std::uint8_t index, std::uint8_t* to) {
        const auto colour = gif_colour(frame->palette, index);
        std::transform(colour.begin(), colour.end(), to,
                       [](std::byte value) { return std::to_integer<std::uint8_t>(value); });
    };
    if (alpha == AlphaRule::dropped) {
        const auto fill = static_cast<std::uint8_t>(std::max(frame->transparent, 0));
        for (std::size_t i = 0; i < image.pixels.size(); i += 3)
            put(fill, image.pixels.data() + i);
        frame->transparent = -1;
    }
    for (int i = 0; i < place.height; ++i) {
        const std::uint8_t* from = indices.data() + static_cast<std::size_t>(i) * place.width;
        const int y = place.top + gif_row(i, place.height, frame->interlaced);
        std::uint8_t* to = image.pixels.data() + (static_cast<std::size_t>(y) * width + place.left) * 3;
        for (int x = 0; x < place.width; ++x, to += 3) {
            if (from[x] != frame->transparent) put(from[x], to);
        }
    }
    return image;
}

}  // namespace bgm
