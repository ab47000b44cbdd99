#include "workers/heads/shares_head.hpp"

#include <array>
#include <cmath>
#include <cstring>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

std::string bytes_of(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

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
    const auto columns = static_cast<std::int64_t>(width);
    const auto moods = static_cast<std::int64_t>(kMoodCount);
    std::string precision = std::to_string(head.precision);
    return write_safetensors({{"affect.bias", "F32", {2}, bytes_of({0, 0})},
                              {"affect.weight", "F32", {2, columns}, bytes_of(affect)},
                              {"mood.bias", "F32", {moods}, bytes_of(std::vector<float>(kMoodCount))},
                              {"mood.weight", "F32", {moods, columns}, bytes_of(mood)}},
                             {{"model", std::string(head.model)},
                              {"modality", std::string(name(head.modality))},
                              {"precision", precision},
                              {"license", std::string(head.licence)}});
}

}  // namespace bgm
