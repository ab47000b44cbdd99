// Frames of any format and number of channels as one channel of one rate. Included by workers/media/av/*.cpp
// only.
//
// Channels are added up. Where left and right have opposite phase that leaves nothing of what both ears hear:
// so it is measured beside the adding how much of the sound was lost, and the window can be taken again from
// one side. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workers/media/av/av_decode.hpp"
#include "workers/media/av/av_handles.hpp"

namespace bgm::av {

/// What becomes the one channel.
enum class Mix {
    sum,   // libswresample's downmix
    left,  // of a downmix to two channels, at the power of both
    right,
};

/// What the sum of the two sides keeps of their power, told in blocks of a second.
class PhaseMeter {
 public:
    /// `left` and `right`: `count` samples each, in the order of time.
    void add(const float* left, const float* right, int count, int rate_hz);

    /// One choice for the whole window, so that nothing switches in mid-sound: a side where more than a
    /// quarter of the power lies in seconds whose sum keeps less than a quarter of it. Left and right of a
    /// correlation r and equal power keep (1 + r) / 2: 1 of the same on both, 0.5 of sides that have nothing
    /// in common, 0 of opposite phase. Music stays above 0.4.
    Mix choice() const;

    /// What the louder side is multiplied with, so that it has the power of both.
    float side_gain() const;

    /// What the sum is multiplied with: the square root of 2 where one side is silent (30 dB below the
    /// other), as the sum halves the power of the other then; 1 otherwise.
    float sum_gain() const;

 private:
    void end_block();

    double left_power_ = 0, right_power_ = 0;  // sums of squares over the window
    double lost_power_ = 0;                    // of both sides, in blocks whose sum keeps little
    double block_power_ = 0, block_sum_power_ = 0;
    int block_samples_ = 0;
};

/// Collects up to `samples_max`. Formats may change in mid-stream (chained Ogg files).
class MonoSink final : public FrameSink {
 public:
    MonoSink(int rate_hz, std::size_t samples_max, Mix mix)
        : rate_hz_(rate_hz), samples_max_(samples_max), mix_(mix) {}

    bool full() const override { return samples_.size() >= samples_max_; }
    std::vector<float>& samples() { return samples_; }
    PhaseMeter& phases() { return phases_; }

    /// False where the frame's format is none that is handled; such a frame is dropped.
    bool add(const AVFrame& frame) override;
    void drain() override;

 private:
    bool configure(const AVFrame& frame);
    bool convert(const std::uint8_t** source, int count, int room);
    void measure(const AVFrame& frame);

    int rate_hz_;
    std::size_t samples_max_;
    Mix mix_;
    std::vector<float> samples_;
    std::vector<float> left_, right_;  // scratch
    Resampler resampler_;
    Resampler sides_;  // to two channels at the source's rate, for the meter; null for one channel
    PhaseMeter phases_;
    int format_ = -1;
    int source_rate_hz_ = 0;
    int channels_ = 0;
};

}  // namespace bgm::av
