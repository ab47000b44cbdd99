// Sound files, through libav.
#include <cmath>

#include "tests/fuzz/promise.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/content_name.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    const auto file = fuzz::as_bytes(data, size);
    (void)name_of_other_content(file);
    (void)name_of_unread_container(file);
    const AudioLimits limits{.bytes_max = 1'000'000, .window_s = 2};
    const auto wave = decode_audio(file, limits, CpuBudget(1.0));
    if (!wave) {
        fuzz::require(!wave.error().message.empty(), "a refused file has a reason");
        return 0;
    }
    fuzz::require(wave->sample_rate_hz == limits.sample_rate_hz, "the rate is what was asked for");
    fuzz::require(wave->samples.size() <= static_cast<std::size_t>(limits.sample_rate_hz) * 3,
                  "no more than the window");
    for (const float sample : wave->samples)
        fuzz::require(std::isfinite(sample), "samples are numbers");
    return 0;
}
