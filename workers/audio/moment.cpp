#include "workers/audio/moment.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bgm {
namespace {

constexpr float kRise_s = 4;         // before and after a start: two bars or so
constexpr float kRiseWeight = 0.5F;  // of the rise at the start, against what lasts
constexpr float kFloor_db = -50;     // below it all is silence

class Levels {
 public:
    Levels(std::span<const float> levels_db, float step_s) : step_s_(step_s), sums_(levels_db.size() + 1) {
        for (std::size_t i = 0; i < levels_db.size(); ++i)
            sums_[i + 1] = sums_[i] + std::max(levels_db[i], kFloor_db);
    }

    float mean(float from_s, float to_s) const {
        const std::size_t begin = index(from_s), end = index(to_s);
        return end > begin
                   ? static_cast<float>((sums_[end] - sums_[begin]) / static_cast<double>(end - begin))
                   : kFloor_db;
    }

 private:
    std::size_t index(float s) const {
        return std::min(sums_.size() - 1, static_cast<std::size_t>(std::lround(std::max(s, 0.0F) / step_s_)));
    }

    float step_s_;
    std::vector<double> sums_;
};

}  // namespace

float find_moment(std::span<const float> levels_db, float level_step_s, std::span<const float> beats_s) {
    const float seconds = level_step_s * static_cast<float>(levels_db.size());
    if (seconds <= kMoment_s * 1.2F) return 0;
    const Levels levels(levels_db, level_step_s);
    std::vector<float> grid;
    if (beats_s.size() < 8) {
        for (float at = 0; at < seconds; at += 1)
            grid.push_back(at);
        beats_s = grid;
    }
    float best = -1e9F, moment = 0;
    for (const float at : beats_s) {
        if (at + kMoment_s > seconds) break;
        const float lasting = levels.mean(at, at + kMoment_s);
        const float rise = levels.mean(at, at + kRise_s) - levels.mean(at - kRise_s, at);
        const float score = lasting + kRiseWeight * rise;
        // Of two equal ones the first: whoever listens on hears the other, too.
        if (score > best + 0.1F) {
            best = score;
            moment = at;
        }
    }
    return moment;
}

}  // namespace bgm
