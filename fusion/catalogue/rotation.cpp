#include "fusion/catalogue/rotation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

constexpr std::uint64_t kRotation = 0xB6D;  // which of the random rotations: any, but always the same
constexpr std::size_t kRounds = 2;

/// By 64 numbers of a round: which to turn round.
std::uint64_t signs(std::size_t round, std::size_t index) {
    return mix64(kRotation + round * 0x10000 + index);
}

}  // namespace

// Signs by chance, then the Walsh-Hadamard transform; twice (Ailon and Chazelle 2009).
std::vector<float> rotated(std::span<const float> vector, std::size_t size) {
    std::vector<float> numbers(size, 0);
    std::copy(vector.begin(), vector.end(), numbers.begin());
    const float shrink = 1 / std::sqrt(static_cast<float>(size));
    for (std::size_t round = 0; round < kRounds; ++round) {
        for (std::size_t first = 0; first < size; first += 64) {
            const std::uint64_t turned = signs(round, first / 64);
            for (std::size_t i = 0; i < std::min<std::size_t>(64, size - first); ++i)
                numbers[first + i] *= (turned >> i & 1U) != 0 ? -shrink : shrink;
        }
        for (std::size_t half = 1; half < size; half *= 2) {
            for (std::size_t i = 0; i < size; i += 2 * half) {
                for (std::size_t j = i; j < i + half; ++j) {
                    const float a = numbers[j];
                    const float b = numbers[j + half];
                    numbers[j] = a + b;
                    numbers[j + half] = a - b;
                }
            }
        }
    }
    return numbers;
}

}  // namespace bgm
