// Numbers of any size as shares of one. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace bgm {

/// `logits` holds Count numbers.
template <std::size_t Count>
std::array<float, Count> softmax(std::span<const float> logits) {
    std::array<float, Count> shares{};
    const float top = *std::max_element(logits.begin(), logits.begin() + Count);
    float sum = 0;
    for (std::size_t i = 0; i < Count; ++i)
        sum += shares[i] = std::exp(logits[i] - top);
    for (float& share : shares)
        share /= sum;
    return shares;
}

}  // namespace bgm
