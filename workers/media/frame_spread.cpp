#include "workers/media/frame_spread.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace bgm {
namespace {

constexpr double kMotionAfterMaxS = 1.0;  // a frame later than this shows another moment, not motion
constexpr double kSecondsMin = 1.0 / 60;

}  // namespace

std::optional<float> motion_between(const std::vector<std::uint8_t>& before,
                                    const std::vector<std::uint8_t>& after, double seconds) {
    if (before.empty() || before.size() != after.size() || seconds <= 0 || seconds > kMotionAfterMaxS)
        return std::nullopt;
    std::int64_t difference = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        difference += std::abs(int{before[i]} - int{after[i]});
    const double mean = static_cast<double>(difference) / (255.0 * static_cast<double>(before.size()));
    return static_cast<float>(mean / std::max(seconds, kSecondsMin));
}

bool FrameSpread::wants_next() {
    const std::size_t index = seen_++;
    keep_ = index % step_ == 0;
    follows_ = index > 0 && (index - 1) % step_ == 0;
    return keep_ || follows_;
}

void FrameSpread::look_at(double time_s, std::vector<std::uint8_t> luma,
                          const std::function<bool(RgbImage&)>& to_picture) {
    if (follows_ && !frames_.empty()) {
        if (const auto motion = motion_between(last_luma_, luma, time_s - last_s_))
            frames_.back().motion = *motion;
    }
    if (!keep_) return;
    if (frames_.size() == frames_max_) {
        for (std::size_t i = 1; 2 * i < frames_.size(); ++i)
            frames_[i] = std::move(frames_[2 * i]);
        frames_.resize((frames_.size() + 1) / 2);
        step_ *= 2;
        if ((seen_ - 1) % step_ != 0) return;
    }
    VideoFrame frame;
    if (!to_picture(frame.image)) return;
    frame.time_s = std::max(0.0, time_s);
    last_luma_ = std::move(luma);
    last_s_ = time_s;
    frames_.push_back(std::move(frame));
}

}  // namespace bgm
