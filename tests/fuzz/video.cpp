// Video files, through libav.
#include <cmath>

#include "tests/fuzz/promise.hpp"
#include "workers/media/av/av_video.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const VideoLimits limits{.bytes_max = 1'000'000, .analysed_s = 10, .frames_max = 4, .longer_side_px = 64};
    const auto sample = sample_video(fuzz::as_bytes(data, size), limits, CpuBudget(1.0));
    if (!sample) {
        fuzz::require(!sample.error().message.empty(), "a refused file has a reason");
        return 0;
    }
    fuzz::require(!sample->frames.empty() && sample->frames.size() <= limits.frames_max,
                  "at least one frame, and no more than asked for");
    for (const VideoFrame& frame : sample->frames) {
        fuzz::require(!frame.image.empty() && frame.image.consistent(), "a frame is whole");
        fuzz::require(std::max(frame.image.width, frame.image.height) <= limits.longer_side_px,
                      "a frame is no larger than asked for");
        fuzz::require(std::isfinite(frame.time_s) && std::isfinite(frame.motion),
                      "time and motion are numbers");
    }
    return 0;
}
