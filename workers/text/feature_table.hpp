// The vectors of one group of features, read in place from a weight file.
//
//   <group>.features  U32 [n]     the features that have a vector, ascending
//   <group>.rows      I8 [n, d]   their vectors
//   <group>.scales    F16 [n]     what each row is multiplied by
//
// A feature that is not listed has no vector: rare n-grams are left out, so a hash that training never saw
// adds nothing instead of the noise of whatever it collides with. Borrows the file's bytes. Immutable after
// parse(); share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "schemas/safetensors.hpp"
#include "workers/text/features.hpp"

namespace bgm {

class FeatureTable {
 public:
    /// `corrupt` or `not_found`, naming the tensor. Needs a little-endian machine, as the format's numbers
    /// are.
    static Result<FeatureTable> parse(const SafeTensors& file, std::string_view group);

    std::size_t width() const { return width_; }
    std::size_t size() const { return features_.size(); }

    bool contains(std::uint32_t feature) const { return find(feature) >= 0; }

    /// Writes the sum of the vectors of `features` to `sum` and that of those in the ranges `denied`
    /// (ascending) to `denied_sum`, each of width() floats and divided by sqrt(known + 1), and returns how
    /// many of all were known. Without room in `denied_sum`, only the first.
    std::size_t sum(std::span<const std::uint32_t> features, std::span<const FeatureRange> denied,
                    std::span<float> sum, std::span<float> denied_sum) const;

 private:
    std::ptrdiff_t find(std::uint32_t feature) const;
    void add_rows(std::span<const std::uint32_t> indices, float share, std::span<float> sum) const;

    std::size_t width_ = 0;
    std::span<const std::uint32_t> features_;
    const std::int8_t* rows_ = nullptr;
    std::vector<float> scales_;
    // Features are uniform hashes: their leading bits name a bucket of two or three of them.
    std::vector<std::uint32_t> bucket_begins_;
    unsigned bucket_shift_ = 32;
};

}  // namespace bgm
