#include "workers/heads/shares_head.hpp"

#include <cmath>

#include "fusion/mood/head_file.hpp"

namespace bgm {
namespace {

MoodDistribution distribution_of(const ClassReading& reading) {
    MoodDistribution moods{};
    float left = 1;
    for (const MoodShare& named : reading.moods) {
        moods[static_cast<std::size_t>(named.mood)] = named.share;
        left -= named.share;
    }
    const auto others = static_cast<float>(kMoodCount - reading.moods.size());
    for (float& share : moods) {
        if (share == 0) share = left / others;
    }
    return moods;
}

}  // namespace

std::string write_shares_head(const SharesHead& head, std::span<const ClassReading> readings) {
    const std::size_t width = readings.size();
    std::vector<float> mood(kMoodCount * width);
    std::vector<float> affect(2 * width);
    for (std::size_t i = 0; i < width; ++i) {
        const MoodDistribution moods = distribution_of(readings[i]);
        for (std::size_t m = 0; m < kMoodCount; ++m)
            mood[m * width + i] = std::log(moods[m]);
        affect[i] = readings[i].affect.valence;
        affect[width + i] = readings[i].affect.arousal;
    }
    return write_head({.mood = std::move(mood),
                       .mood_bias = std::vector<float>(kMoodCount),
                       .affect = std::move(affect),
                       .affect_bias = {0, 0}},
                      {{"model", std::string(head.model)},
                       {"modality", std::string(name(head.modality))},
                       {"precision", std::to_string(head.precision)},
                       {"license", std::string(head.licence)}});
}

}  // namespace bgm
