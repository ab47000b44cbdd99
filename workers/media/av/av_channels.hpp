// All channels of a file's sound as they are, from its beginning to its end, for what must not be mixed or
// resampled first.
#pragma once

#include <cstddef>
#include <span>

#include "schemas/result.hpp"
#include "workers/media/cpu_budget.hpp"

namespace bgm {

class ChannelListener {
 public:
    virtual ~ChannelListener() = default;
    /// Once, before any sound. Later changes of format (chained Ogg files) are converted to this one.
    virtual Status begin(int sample_rate_hz, int channels) = 0;
    /// Full scale is -1 .. 1; every number is finite. False: nothing more is wanted.
    virtual bool hear(std::span<const float> interleaved) = 0;
    /// What is heard next holds samples that were no numbers, and are 0.
    virtual void miss() {}
};

/// Of the track that a player would choose. At most `bytes_max` bytes of file; errors as decode_audio()'s,
/// and those of begin(). A file that breaks off is heard as far as it goes.
Status hear_channels(std::span<const std::byte> file, std::size_t bytes_max, const CpuBudget& budget,
                     ChannelListener& listener);

}  // namespace bgm
