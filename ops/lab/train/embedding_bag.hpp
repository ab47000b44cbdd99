// The sparse half of the text network: one vector a feature, summed over the features of a post.
//
// Plain C++ because only the few hundred rows that a batch touches may be looked at; libtorch's sparse path
// costs twenty times as much on one core. The optimiser is Adagrad with one accumulator a row (Duchi et al.
// 2011): rare features get large steps, frequent ones small steps.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/lab/train/trained_text.hpp"

namespace bgm::train {

/// What the sum over a text's features is multiplied with, as the encoder does (feature_table.cpp).
inline float scale_of(std::span<const std::uint32_t> features) {
    return 1.0F / std::sqrt(static_cast<float>(features.size()) + 1.0F);
}

class EmbeddingBag {
 public:
    EmbeddingBag(std::size_t rows, std::size_t width, std::uint64_t seed);

    std::size_t rows() const { return accumulator_.size(); }
    std::size_t width() const { return width_; }
    std::span<float> row(std::size_t index) { return std::span(weights_).subspan(index * width_, width_); }
    std::span<const float> row(std::size_t index) const {
        return std::span(weights_).subspan(index * width_, width_);
    }

    /// sum = scale * the sum of the rows named by `features`.
    void forward(std::span<const std::uint32_t> features, float scale, std::span<float> sum) const;

    /// One step for each of the rows, `gradient` being that of the sum.
    void step(std::span<const std::uint32_t> features, float scale, std::span<const float> gradient,
              float rate);

    /// Adds the current weights to a running mean (Polyak averaging), or replaces them by it.
    void accumulate_mean();
    void use_mean();

 private:
    std::size_t width_;
    std::vector<float> weights_;
    std::vector<float> accumulator_;
    std::vector<float> mean_;
    std::size_t means_ = 0;
};

/// The bag's rows, of `features` in the same order, as a weight file has them.
TrainedTable trained_table(std::vector<std::uint32_t> features, const EmbeddingBag& bag);

}  // namespace bgm::train
