// Seeds as a fit reads them: block after block, each number brought to mean 0 and variance 1, beside what the
// head in use says of them. Not thread-safe.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <vector>

#include "fusion/mood/head.hpp"
#include "ops/teaching/seed_rows.hpp"

namespace bgm {

/// n rows of embeddings of d numbers.
struct SeedBlock {
    std::vector<std::size_t> numbers;  // [n] which rows
    Eigen::MatrixXf raw;               // [n, d] as they are
    Eigen::MatrixXf scaled;            // [n, 1 + d] with a 1 in front
    Eigen::MatrixXf moods;             // [n, moods] what is wanted
    Eigen::MatrixXf said;              // [n, moods + 2] by the head in use: logits, valence, arousal
    Eigen::ArrayXf weights;            // [n] for affect
    Eigen::ArrayXf balanced;           // [n] for moods, as if all came as often
};

class SeedBlocks {
 public:
    static constexpr Eigen::Index kMoods = kMoodCount;
    static constexpr Eigen::Index kAffects = 2;

    /// Both must outlive it and be of one width.
    SeedBlocks(const SeedRows& rows, const LinearHead& head)
        : rows_(rows), in_use_(head.weights()), temperature_(head.temperature()) {}

    /// Means, variances and the mix of moods, by one look at all rows; before anything else. False where it
    /// was given up.
    bool look(const SeedProgress& progress);

    /// `use` is given a block of the chosen folds, the fold it is of (any one, unless they come `by_fold`),
    /// and how many rows were read; false ends it.
    using Use = std::function<bool(SeedBlock& block, std::size_t fold, std::size_t row)>;
    bool for_each(const Folds& chosen, bool by_fold, const Use& use) const;

    const SeedRows& rows() const { return rows_; }
    Eigen::Index width() const { return static_cast<Eigen::Index>(rows_.width()); }
    const HeadWeights& in_use() const { return in_use_; }
    const Eigen::MatrixXf& weights() const { return weights_; }
    const Eigen::RowVectorXf& bias() const { return bias_; }
    const Eigen::RowVectorXf& mean() const { return mean_; }
    const Eigen::RowVectorXf& scale() const { return scale_; }
    const Eigen::VectorXd& mix() const { return mix_; }

 private:
    void read(SeedBlock& block) const;

    const SeedRows& rows_;
    HeadWeights in_use_;
    float temperature_;
    Eigen::MatrixXf weights_;         // [d, moods + 2]: the head in use, its moods over its temperature
    Eigen::RowVectorXf bias_;         // [moods + 2]
    Eigen::RowVectorXf mean_;         // [d]
    Eigen::RowVectorXf scale_;        // [d]; 0 for a number that does not vary
    MoodDistribution frequencies_{};  // how frequent the moods are among the seeds
    Eigen::VectorXd mix_;             // [moods] the mean reading, if all moods were equally frequent
};

}  // namespace bgm
