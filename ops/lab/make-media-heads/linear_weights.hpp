// A linear head under construction: weights are added by hand, cue by cue, then written as a head file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"

namespace bgm::heads {

struct LinearWeights {
    explicit LinearWeights(std::size_t embedding_size)
        : size(embedding_size),
          mood(kMoodCount * size),
          valence(size),
          arousal(size),
          mood_bias(kMoodCount) {}

    std::size_t size;
    std::vector<float> mood;  // kMoodCount x size
    std::vector<float> valence, arousal;
    std::vector<float> mood_bias;
    float valence_bias = 0, arousal_bias = 0;

    void add(Mood target, std::size_t input, float weight) {
        mood[static_cast<std::size_t>(target) * size + input] += weight;
    }

    /// Adds to every mood's logit the part of -|va - va(mood)|^2 / (2 deviation^2) that grows with the
    /// embedding, where va is what this head says for valence and arousal: for inputs added to a head that
    /// has its biases. |va|^2 is the same for all moods, so the softmax drops it and what is left is linear.
    void add_slopes_on_the_plane(float deviation);

    /// The bytes of a safetensors file as fusion/mood/head.hpp reads it.
    std::string to_safetensors(const std::map<std::string, std::string>& metadata) const;
};

}  // namespace bgm::heads
