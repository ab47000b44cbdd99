// Sound of any file that libav is allowed to read, as a mono waveform of bounded length.
#pragma once

#include <cstddef>
#include <span>

#include "schemas/default_limits.hpp"
#include "schemas/result.hpp"
#include "workers/media/av/waveform.hpp"
#include "workers/media/cpu_budget.hpp"

namespace bgm {

struct AudioLimits {
    std::size_t bytes_max = kVideoBytesMaxDefault;  // a video's sound, too
    double window_s = kAudioWindowDefault_s;  // of a longer clip: the window that starts at start_share of it
    double start_share = 1.0 / 3;
    int sample_rate_hz = 22'050;  // of the result
};

/// Decodes one window. Intros are unlike the rest of a piece and choruses like to come after a third of it,
/// so that is where the window of a long clip starts by default; where the clip's length is unknown or a lie,
/// it starts at the beginning. Channels are added up, or one side taken where they would cancel each other
/// (av_mono.hpp). Of several tracks the best is heard from which anything decodes. Fails with `unsupported`
/// (not media, or no sound in it), `corrupt` (nothing decodes), `too_large`, `deadline_exceeded` (the budget
/// ran out before anything was decoded). A clip that breaks off is used as far as it goes.
Result<Waveform> decode_audio(std::span<const std::byte> file, const AudioLimits& limits,
                              const CpuBudget& budget);

}  // namespace bgm
