#include "workers/audio/moment.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bgm {
namespace {

constexpr float kRise_s = 4;           // before and after a start: two bars or so
constexpr float kSuddenRise_s = 2;     // within which a chorus is there, and a fade is not
constexpr float kRiseMost_db = 6;      // above it a rise is a break that ends, and no better a start
constexpr float kRiseWeight = 0.5F;    // of the rise at the start, against what lasts
constexpr float kFloor_db = -25;       // below what is loud in this track: all that counts as silence
constexpr float kHardlyBetter_db = 1;  // than the beginning
constexpr float kAlike_db = 0.4F;

class Levels {
 public:
    Levels(std::span<const float> levels_db, float step_s) : step_s_(step_s), sums_(levels_db.size() + 1) {
        std::vector<float> sorted(levels_db.begin(), levels_db.end());
        const auto loud = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 9 / 10);
        std::nth_element(sorted.begin(), loud, sorted.end());
        const float floor_db = *loud + kFloor_db;
        std::size_t first = levels_db.size(), last = 0;
        for (std::size_t i = 0; i < levels_db.size(); ++i) {
            sums_[i + 1] = sums_[i] + std::max(levels_db[i], floor_db);
            if (levels_db[i] <= floor_db) continue;
            first = std::min(first, i);
            last = i + 1;
        }
        begin_s_ = static_cast<float>(std::min(first, last)) * step_s;
        end_s_ = static_cast<float>(last) * step_s;
    }

    /// Where the track sounds: silence before and after it is not of it.
    float begin_s() const { return begin_s_; }
    float end_s() const { return end_s_; }

    float mean(float from_s, float to_s) const {
        const std::size_t begin = index(from_s), end = std::max(index(to_s), begin + 1);
        if (end >= sums_.size()) return static_cast<float>(sums_[begin] - sums_[begin - 1]);
        return static_cast<float>((sums_[end] - sums_[begin]) / static_cast<double>(end - begin));
    }
    /// At `at`, from as long before it to as long after; the beginning is no rise.
    float rise(float at, float reach_s) const {
        return at - reach_s < begin_s_ - step_s_ ? 0 : mean(at, at + reach_s) - mean(at - reach_s, at);
    }

 private:
    std::size_t index(float s) const {
        return std::min(sums_.size() - 1, static_cast<std::size_t>(std::lround(std::max(s, 0.0F) / step_s_)));
    }

    float step_s_;
    float begin_s_ = 0, end_s_ = 0;
    std::vector<double> sums_;
};

}  // namespace

std::vector<float> levels_of(std::span<const float> samples, int sample_rate_hz) {
    const auto step = static_cast<std::size_t>(kLevelStep_s * static_cast<float>(sample_rate_hz));
    std::vector<float> levels;
    for (std::size_t at = 0; at < samples.size(); at += step) {
        const auto part = samples.subspan(at, std::min(step, samples.size() - at));
        double squares = 0;
        for (const float sample : part)
            squares += static_cast<double>(sample) * sample;
        levels.push_back(
            static_cast<float>(10 * std::log10(squares / static_cast<double>(part.size()) + 1e-12)));
    }
    return levels;
}

float find_moment(std::span<const float> levels_db, float level_step_s, std::span<const float> beats_s) {
    if (level_step_s * static_cast<float>(levels_db.size()) <= kMoment_s) return 0;
    const Levels levels(levels_db, level_step_s);
    if (levels.end_s() - levels.begin_s() <= kMoment_s * 1.2F && levels.begin_s() < 1) return 0;
    std::vector<float> grid;
    if (beats_s.size() < 8) {
        for (float at = 0; at < levels.end_s(); at += 1)
            grid.push_back(at);
        beats_s = grid;
    }
    std::vector<float> starts, scores;
    for (const float at : beats_s) {
        if (at < levels.begin_s() - level_step_s) continue;
        if (!starts.empty() && at + kMoment_s > levels.end_s()) break;
        const float rise = std::min(levels.rise(at, kRise_s), levels.rise(at, kSuddenRise_s));
        starts.push_back(at);
        scores.push_back(levels.mean(at, std::min(at + kMoment_s, levels.end_s())) +
                         kRiseWeight * std::min(rise, kRiseMost_db));
    }
    if (starts.empty()) return 0;
    const float best = *std::max_element(scores.begin(), scores.end());
    const float beginning = levels.begin_s() < 1 ? 0 : starts.front();
    if (best < scores.front() + kHardlyBetter_db) return beginning;
    // Of two that are alike the first: whoever listens on hears the other, too.
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (scores[i] < best - kAlike_db) continue;
        std::size_t top = i;
        for (std::size_t k = i; k < starts.size() && starts[k] <= starts[i] + kRise_s; ++k) {
            if (scores[k] > scores[top]) top = k;
        }
        return starts[top];
    }
    return beginning;
}

}  // namespace bgm
