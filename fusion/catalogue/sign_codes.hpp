// A short code of each of many unit vectors, by which to find those that are near to one: RaBitQ's (Gao and
// Long 2024). The vector is turned by a fixed random rotation, and of each number its sign is kept, one bit;
// a scan of the codes estimates every cosine to about 0.07. Sums of codes are whole numbers: the same on
// every processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bgm {

class SignCodes {
 public:
    static constexpr std::size_t kBlock = 64;  // vectors
    using Cosines = std::array<float, kBlock>;

    /// For vectors of at most 1,024 numbers: longer ones would not fit the sums.
    explicit SignCodes(std::size_t width);

    /// Behind the others; of length 1.
    void add(std::span<const float> unit);
    std::size_t size() const { return size_; }
    std::size_t blocks() const { return factors_.size() / kBlock; }

    /// What is looked for, made ready once for all codes.
    struct Query {
        std::vector<std::uint8_t> table{};  // by nibble of the code: the sum of its four numbers, 0..255
        float scale = 0;  // from a sum of entries to the cosine, before the vector's own factor
        float offset = 0;
    };
    Query query(std::span<const float> unit) const;
    /// Estimates, of the vectors from 64 * block on; 0 beyond the last one.
    Cosines cosines(std::size_t block, const Query& query) const;

 private:
    std::size_t bits_;  // of a code: a power of two
    std::size_t size_ = 0;
    std::vector<std::uint8_t> codes_;  // by block: a row of 32 bytes for each nibble; two vectors a byte
    std::vector<float> factors_;       // what a code's sum is to be multiplied with
};

}  // namespace bgm
