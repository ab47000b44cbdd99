// Animated GIF and WebP: their blocks and chunks, the canvas, the choice of frames.
#include <cmath>

#include "tests/fuzz/promise.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/media/animation/animation_source.hpp"
#include "workers/media/picture/image_probe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    constexpr std::int64_t kPixelsMax = 100'000;  // larger canvases are allowed, and only slow
    const auto file = fuzz::as_bytes(data, size);
    if (const auto header = probe_image(file); header && header->animated)
        fuzz::require(is_animation(file), "what the header calls animated is an animation");
    const auto source = open_animation(file);
    if (source && source->width() > 0 && source->height() > kPixelsMax / source->width()) return 0;

    const VideoLimits limits{
        .bytes_max = 1'000'000, .analysed_s = 600, .frames_max = 4, .longer_side_px = 64};
    const auto sample = sample_animation(file, limits, CpuBudget(1.0));
    if (!sample) {
        fuzz::require(!sample.error().message.empty(), "a refused file has a reason");
        return 0;
    }
    fuzz::require(!sample->frames.empty() && sample->frames.size() <= limits.frames_max,
                  "at least one frame, and no more than asked for");
    double before_s = -1;
    for (const VideoFrame& frame : sample->frames) {
        fuzz::require(!frame.image.empty() && frame.image.consistent(), "a frame is whole");
        fuzz::require(std::max(frame.image.width, frame.image.height) <= limits.longer_side_px,
                      "a frame is no larger than asked for");
        fuzz::require(std::isfinite(frame.motion), "motion is a number");
        fuzz::require(frame.time_s > before_s && frame.time_s <= limits.analysed_s,
                      "time goes on, and not beyond the limit");
        before_s = frame.time_s;
    }
    return 0;
}
