// Four bits of each number of the tracks' vectors: a bound on a product from an eighth of the memory, for
// tracks that a group's bound does not rule out.
//
// The vectors are turned first, so that a uniform step fits all of their numbers. A product is then off by
// the sum of many small errors; four deviations are added to it, which one of thirty thousand exceeds. Sums
// of codes are whole numbers: the same on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bgm {

/// Immutable once built; share it between threads.
class SoundCodes {
 public:
    SoundCodes() = default;
    /// Room for so many vectors of so many numbers, at most 1,024.
    SoundCodes(std::size_t width, std::size_t vectors);

    /// Behind the others; of length 1.
    void add(std::span<const float> unit);

    struct Query {
        std::vector<std::int8_t> numbers{};
        float unit = 0;  // what a step of a number is
        int sum = 0;     // of the numbers
        float length = 0;
    };
    /// Any vector of that width.
    Query query(std::span<const float> vector) const;
    /// What the product of a vector, by the order in which they were added, with the query is at most.
    float most(std::uint32_t index, const Query& query) const;

    /// Has it read from memory ahead.
    void fetch(std::uint32_t index) const;
    std::size_t memory_bytes() const { return codes_.capacity() + steps_.capacity() * sizeof(float); }

 private:
    std::size_t numbers_ = 0;  // of a turned vector
    float deviations_ = 0;     // that a bound lies above the estimate
    std::vector<std::uint8_t> codes_;
    std::vector<float> steps_;  // of each vector
};

}  // namespace bgm
