#include "ops/lab/train/embedding_bag.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace bgm::train {

EmbeddingBag::EmbeddingBag(std::size_t rows, std::size_t width, std::uint64_t seed)
    : width_(width), weights_(rows * width), accumulator_(rows, 0.0F) {
    // Nearly zero: a feature that training hardly saw must hardly speak.
    std::mt19937_64 random(seed);
    for (float& weight : weights_) {
        weight = (static_cast<float>(random() >> 40) / static_cast<float>(1 << 24) - 0.5F) * 0.02F;
    }
}

void EmbeddingBag::forward(std::span<const std::uint32_t> features, float scale, std::span<float> sum) const {
    std::fill(sum.begin(), sum.end(), 0.0F);
    float* out = sum.data();
    for (std::uint32_t feature : features) {
        const float* weights = weights_.data() + feature * width_;
        for (std::size_t i = 0; i < width_; ++i)
            out[i] += weights[i];
    }
    for (float& value : sum)
        value *= scale;
}

void EmbeddingBag::step(std::span<const std::uint32_t> features, float scale, std::span<const float> gradient,
                        float rate) {
    float squared = 0;
    for (float value : gradient)
        squared += value * value;
    squared *= scale * scale;
    if (squared == 0) return;
    const float mean_squared = squared / static_cast<float>(width_);
    const float* g = gradient.data();
    for (std::uint32_t feature : features) {
        accumulator_[feature] += mean_squared;
        const float step = rate * scale / std::sqrt(accumulator_[feature] + 1e-8F);
        float* weights = weights_.data() + feature * width_;
        for (std::size_t i = 0; i < width_; ++i)
            weights[i] -= step * g[i];
    }
}

void EmbeddingBag::accumulate_mean() {
    if (mean_.empty()) mean_.assign(weights_.size(), 0.0F);
    ++means_;
    const float share = 1.0F / static_cast<float>(means_);
    for (std::size_t i = 0; i < weights_.size(); ++i)
        mean_[i] += share * (weights_[i] - mean_[i]);
}

void EmbeddingBag::use_mean() {
    if (means_ > 0) weights_ = mean_;
}

TrainedTable trained_table(std::vector<std::uint32_t> features, const EmbeddingBag& bag) {
    TrainedTable table{.features = std::move(features), .width = bag.width(), .rows = {}};
    for (std::size_t row = 0; row < bag.rows(); ++row) {
        const auto values = bag.row(row);
        table.rows.insert(table.rows.end(), values.begin(), values.end());
    }
    return table;
}

}  // namespace bgm::train
