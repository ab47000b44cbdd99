// A mood head as a file, as LinearHead::parse() reads it (fusion/mood/head.hpp).
//
// Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace bgm {

struct HeadWeights {
    std::vector<float> mood;         // [13, width], row-major
    std::vector<float> mood_bias;    // [13]
    std::vector<float> affect;       // [2, width]: valence, arousal
    std::vector<float> affect_bias;  // [2]
    std::vector<float> felt = {};    // [width]; empty: it has no opinion on whether there is anything to feel
    float felt_bias = 0;
};

/// The bytes of the file, the same for the same input. The sizes must be those above.
std::string write_head(const HeadWeights& weights, const std::map<std::string, std::string>& metadata);

}  // namespace bgm
