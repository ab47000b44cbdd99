#include "ops/teaching/seed_blocks.hpp"

#include <cmath>

#include "ops/teaching/mood_mix.hpp"

namespace bgm {
namespace {

using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

constexpr Eigen::Index kBlockRows = 512;
constexpr double kShareMin = 1e-3;  // of a mood that no seed means

}  // namespace

bool SeedBlocks::look(const SeedProgress& progress) {
    const Eigen::Index d = width();
    weights_.resize(d, kMoods + kAffects);
    bias_.resize(kMoods + kAffects);
    const float temperature = temperature_;
    for (Eigen::Index k = 0; k < kMoods; ++k) {
        weights_.col(k) =
            Eigen::Map<const VectorXf>(&in_use_.mood[static_cast<std::size_t>(k * d)], d) / temperature;
        bias_(k) = in_use_.mood_bias[static_cast<std::size_t>(k)] / temperature;
    }
    for (Eigen::Index a = 0; a < kAffects; ++a) {
        weights_.col(kMoods + a) =
            Eigen::Map<const VectorXf>(&in_use_.affect[static_cast<std::size_t>(a * d)], d);
        bias_(kMoods + a) = in_use_.affect_bias[static_cast<std::size_t>(a)];
    }
    VectorXd sum = VectorXd::Zero(d);
    VectorXd squares = VectorXd::Zero(d);
    VectorXf embedding(d);
    double weight = 0;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        if (row % 4096 == 0 && progress && !progress(row / 2)) return false;
        const SeedLabel& label = rows_.label(row);
        rows_.embedding(row, embedding.data());
        const VectorXd x = embedding.cast<double>();
        sum += label.weight * x;
        squares.array() += label.weight * x.array().square();
        weight += label.weight;
    }
    const VectorXd means = sum / weight;
    mean_ = means.cast<float>();
    scale_.resize(d);
    for (Eigen::Index i = 0; i < d; ++i) {
        const double variance = squares(i) / weight - means(i) * means(i);
        scale_(i) = variance > 1e-8 ? static_cast<float>(1 / std::sqrt(variance)) : 0.0F;
    }
    frequencies_ = mood_mix(rows_);
    mix_ = VectorXd::Zero(kMoods);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        const SeedLabel& label = rows_.label(row);
        const double times = label.weight * balance(label.moods, frequencies_);
        mix_ += times * Eigen::Map<const VectorXf>(label.moods.data(), kMoods).cast<double>();
    }
    mix_ = (mix_ / mix_.sum()).cwiseMax(kShareMin);
    return true;
}

void SeedBlocks::read(SeedBlock& block) const {
    const auto n = static_cast<Eigen::Index>(block.numbers.size());
    block.raw.resize(n, width());
    block.moods.resize(n, kMoods);
    block.weights.resize(n);
    block.balanced.resize(n);
    VectorXf embedding(width());
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t row = block.numbers[static_cast<std::size_t>(i)];
        rows_.embedding(row, embedding.data());
        block.raw.row(i) = embedding.transpose();
        const SeedLabel& label = rows_.label(row);
        block.moods.row(i) = Eigen::Map<const Eigen::RowVectorXf>(label.moods.data(), kMoods);
        block.weights(i) = label.weight;
        block.balanced(i) = label.weight * static_cast<float>(balance(label.moods, frequencies_));
    }
    block.scaled.resize(n, width() + 1);
    block.scaled.col(0).setOnes();
    block.scaled.rightCols(width()) =
        ((block.raw.rowwise() - mean_).array().rowwise() * scale_.array()).matrix();
    block.said = (block.raw * weights_).rowwise() + bias_;
}

bool SeedBlocks::for_each(const Folds& chosen, bool by_fold, const Use& use) const {
    std::array<SeedBlock, kSeedFolds> blocks;
    const auto give = [&](std::size_t fold, std::size_t row) {
        if (blocks[fold].numbers.empty()) return true;
        read(blocks[fold]);
        const bool on = use(blocks[fold], fold, row);
        blocks[fold].numbers.clear();
        return on;
    };
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        const std::uint32_t fold = fold_of(rows_.label(row).group);
        if (!chosen[fold]) continue;
        SeedBlock& block = blocks[by_fold ? fold : 0];
        block.numbers.push_back(row);
        if (block.numbers.size() == kBlockRows && !give(by_fold ? fold : 0, row)) return false;
    }
    for (std::size_t fold = 0; fold < kSeedFolds; ++fold) {
        if (!give(fold, rows_.size())) return false;
    }
    return true;
}

}  // namespace bgm
