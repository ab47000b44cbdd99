#include "ops/lab/make-media-heads/linear_weights.hpp"

#include "fusion/mood/head_file.hpp"

namespace bgm::heads {

void LinearWeights::add_slopes_on_the_plane(float deviation) {
    const float scale = 1 / (deviation * deviation);
    for (std::size_t m = 0; m < kMoodCount; ++m) {
        const Affect place = affect(static_cast<Mood>(m));
        for (std::size_t i = 0; i < size; ++i) {
            mood[m * size + i] += scale * (place.valence * valence[i] + place.arousal * arousal[i]);
        }
    }
}

std::string LinearWeights::to_safetensors(const std::map<std::string, std::string>& metadata) const {
    std::vector<float> affect_weight = valence;
    affect_weight.insert(affect_weight.end(), arousal.begin(), arousal.end());
    return write_head({.mood = mood,
                       .mood_bias = mood_bias,
                       .affect = std::move(affect_weight),
                       .affect_bias = {valence_bias, arousal_bias}},
                      metadata);
}

}  // namespace bgm::heads
