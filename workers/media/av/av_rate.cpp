#include "workers/media/av/av_rate.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <cstdint>

#include "workers/media/av/av_handles.hpp"

namespace bgm {

std::vector<float> at_rate(std::span<const float> samples, int from_hz, int to_hz) {
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    SwrContext* made = nullptr;
    const int set = swr_alloc_set_opts2(&made, &mono, AV_SAMPLE_FMT_FLT, to_hz, &mono, AV_SAMPLE_FMT_FLT,
                                        from_hz, 0, nullptr);
    const av::Resampler resampler(made);
    if (set < 0 || swr_init(made) < 0) return {};
    std::vector<float> result(
        static_cast<std::size_t>(static_cast<std::int64_t>(samples.size()) * to_hz / from_hz));
    const auto* source = reinterpret_cast<const std::uint8_t*>(samples.data());
    std::size_t got = 0;
    // First what there is, then what the filter still holds.
    for (const bool rest : {false, true}) {
        auto* target = reinterpret_cast<std::uint8_t*>(result.data() + got);
        const int room = static_cast<int>(result.size() - got);
        if (room <= 0) break;
        const int count = swr_convert(made, &target, room, rest ? nullptr : &source,
                                      rest ? 0 : static_cast<int>(samples.size()));
        if (count < 0) break;
        got += static_cast<std::size_t>(count);
    }
    result.resize(got);
    return result;
}

}  // namespace bgm
