#include "workers/media/av/av_rate.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <cstdint>

#include "workers/media/av/av_handles.hpp"

namespace bgm {

namespace {

constexpr std::size_t kPiece = 4'096;  // libswresample keeps a copy of what it is given at once

// Appends what the converter gives for `samples`; for none, what its filter still holds.
bool convert(SwrContext* converter, std::span<const float> samples, std::vector<float>& result,
             std::size_t& got) {
    const auto* source = reinterpret_cast<const std::uint8_t*>(samples.data());
    auto* target = reinterpret_cast<std::uint8_t*>(result.data() + got);
    const int room = static_cast<int>(result.size() - got);
    const int count = swr_convert(converter, &target, room, samples.empty() ? nullptr : &source,
                                  static_cast<int>(samples.size()));
    if (count < 0) return false;
    got += static_cast<std::size_t>(count);
    return true;
}

}  // namespace

std::vector<float> at_rate(std::span<const std::span<const float>> parts, int from_hz, int to_hz) {
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    SwrContext* made = nullptr;
    const int set = swr_alloc_set_opts2(&made, &mono, AV_SAMPLE_FMT_FLT, to_hz, &mono, AV_SAMPLE_FMT_FLT,
                                        from_hz, 0, nullptr);
    const av::Resampler resampler(made);
    if (set < 0 || swr_init(made) < 0) return {};
    std::int64_t length = 0;
    for (const std::span<const float> part : parts)
        length += static_cast<std::int64_t>(part.size());
    std::vector<float> result(static_cast<std::size_t>(length * to_hz / from_hz));
    std::size_t got = 0;
    bool well = true;
    for (std::span<const float> part : parts) {
        for (; well && !part.empty(); part = part.subspan(std::min(kPiece, part.size())))
            well = convert(made, part.first(std::min(kPiece, part.size())), result, got);
    }
    if (well && got < result.size()) convert(made, {}, result, got);
    result.resize(got);
    return result;
}

}  // namespace bgm
