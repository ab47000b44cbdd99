#include "workers/media/animation/animation.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "workers/media/animation/animation_source.hpp"
#include "workers/media/animation/gif_reader.hpp"
#include "workers/media/animation/webp_stream.hpp"
#include "workers/media/area_shrink.hpp"
#include "workers/media/file_size.hpp"
#include "workers/media/frame_spread.hpp"
#include "workers/media/picture/image_signature.hpp"

namespace bgm {
namespace {

constexpr int kLumaSidePx = 64;  // of the pictures that are compared for motion

Error refuse(ErrorCode code, std::string message) {
    return Error{.code = code, .message = std::move(message)};
}

RgbImage reduced(const RgbImage& image, int longer_side_px) {
    const double scale =
        std::min(1.0, static_cast<double>(longer_side_px) / std::max(image.width, image.height));
    RgbImage small;
    small.width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
    small.height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
    small.pixels = area_shrink(image, small.width, small.height);
    return small;
}

std::vector<std::uint8_t> luma_of(const RgbImage& image) {
    const RgbImage small = reduced(image, kLumaSidePx);
    std::vector<std::uint8_t> luma(small.pixels.size() / 3);
    for (std::size_t i = 0; i < luma.size(); ++i) {  // ITU-R BT.601, in thousandths
        const std::uint8_t* pixel = small.pixels.data() + 3 * i;
        luma[i] = static_cast<std::uint8_t>((299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2]) / 1000U);
    }
    return luma;
}

Result<VideoSample> sample_source(AnimationSource& source, const VideoLimits& limits,
                                  const CpuBudget& budget) {
    if (source.width() <= 0 || source.height() <= 0)
        return refuse(ErrorCode::corrupt, "an animation without a canvas");
    if (source.width() > limits.pixels_max / source.height()) {
        return refuse(ErrorCode::too_large, "an animation of " + std::to_string(source.width()) + " x " +
                                                std::to_string(source.height()) + " pixels; the limit is " +
                                                std::to_string(limits.pixels_max));
    }
    VideoSample sample;
    sample.width = static_cast<int>(source.width());
    sample.height = static_cast<int>(source.height());
    sample.duration_s = source.duration_s();
    sample.decoded_through = true;

    AnimationCanvas canvas(sample.width, sample.height);
    FrameSpread spread(limits.frames_max);
    const auto looked_at = [&spread](std::string_view why) {
        return "only the first " + std::to_string(spread.seen()) +
               " frames were looked at: " + std::string(why);
    };
    std::int64_t pixels = 0;
    double time_s = 0;
    std::string note;
    while (note.empty()) {
        const auto frame = source.next();
        if (!frame) {
            if (!source.ended()) note = looked_at("it is damaged or breaks off there");
            break;
        }
        const std::int64_t cost = std::max(source.width() * source.height(), frame->place.pixels());
        if (spread.seen() >= kAnimationFramesMax) {
            note = looked_at("there are too many");
            break;
        }
        if (frame->place.pixels() > limits.pixels_max ||
            pixels + cost > kAnimationPixelsTimes * limits.pixels_max) {
            note = looked_at("it is too large");
            break;
        }
        if (time_s > limits.analysed_s) {
            note = looked_at("it is too long");
            break;
        }
        if (budget.spent()) {
            note = looked_at("it takes too long to decode");
            break;
        }
        pixels += cost;
        canvas.begin(frame->place);
        if (!source.paint(canvas)) {
            note = looked_at("it is damaged or breaks off there");
            break;
        }
        if (spread.wants_next()) {
            RgbImage picture = reduced(canvas.shown(), limits.longer_side_px);
            spread.look_at(time_s, luma_of(picture), [&picture](RgbImage& kept) {
                kept = std::move(picture);
                return true;
            });
        }
        time_s += frame->shown_s;
    }
    sample.frames = spread.take();
    if (sample.frames.empty()) {
        return budget.spent() ? refuse(ErrorCode::deadline_exceeded, "decoding took too long")
                              : refuse(ErrorCode::corrupt, "an animation of which no frame can be decoded");
    }
    if (!note.empty()) sample.notes.push_back(std::move(note));
    return sample;
}

}  // namespace

bool is_animation(std::span<const std::byte> file) {
    switch (sniff_image(file).kind) {
        case ImageKind::gif:
            return measure_gif(file, 2).frames > 1;
        case ImageKind::webp:
            return measure_webp(file, 2).frames > 1;
        default:
            return false;
    }
}

Result<VideoSample> sample_animation(std::span<const std::byte> file, const VideoLimits& limits,
                                     const CpuBudget& budget) {
    if (auto fits = check_file_size(file, limits.bytes_max); !fits) return fits.error();
    try {
        const auto source = open_animation(file);
        if (!source) return refuse(ErrorCode::unsupported, "neither a GIF nor a WebP animation");
        return sample_source(*source, limits, budget);
    } catch (const std::bad_alloc&) {
        return refuse(ErrorCode::resource_exhausted, "not enough memory for this animation");
    }
}

}  // namespace bgm
