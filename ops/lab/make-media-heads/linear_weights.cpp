#include "ops/lab/make-media-heads/linear_weights.hpp"

#include <cstring>

#include "schemas/safetensors.hpp"

namespace bgm::heads {
namespace {

std::string bytes_of(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

}  // namespace

void LinearWeights::add_slopes_on_the_plane(float deviation) {
    const float scale = 1 / (deviation * deviation);
    for (std::size_t m = 0; m < kMoodCount; ++m) {
        const Affect place = affect(static_cast<Mood>(m));
        for (std::size_t i = 0; i < size; ++i) {
            mood[m * size + i] += scale * (place.valence * valence[i] + place.arousal * arousal[i]);
        }
    }
}

void LinearWeights::add_distance_on_the_plane(float deviation) {
    add_slopes_on_the_plane(deviation);
    const float scale = 1 / (deviation * deviation);
    for (std::size_t m = 0; m < kMoodCount; ++m) {
        const Affect place = affect(static_cast<Mood>(m));
        mood_bias[m] += scale * (place.valence * valence_bias + place.arousal * arousal_bias -
                                 (place.valence * place.valence + place.arousal * place.arousal) / 2);
    }
}

std::string LinearWeights::to_safetensors(const std::map<std::string, std::string>& metadata) const {
    std::vector<float> affect_weight = valence;
    affect_weight.insert(affect_weight.end(), arousal.begin(), arousal.end());
    const auto width = static_cast<std::int64_t>(size);
    const auto moods = static_cast<std::int64_t>(kMoodCount);
    return write_safetensors({{"affect.bias", "F32", {2}, bytes_of({valence_bias, arousal_bias})},
                              {"affect.weight", "F32", {2, width}, bytes_of(affect_weight)},
                              {"mood.bias", "F32", {moods}, bytes_of(mood_bias)},
                              {"mood.weight", "F32", {moods, width}, bytes_of(mood)}},
                             metadata);
}

}  // namespace bgm::heads
