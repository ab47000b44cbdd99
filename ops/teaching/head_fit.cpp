#include "ops/teaching/head_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ops/teaching/lbfgs.hpp"
#include "ops/teaching/seed_blocks.hpp"

namespace bgm {
namespace {

using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

constexpr Eigen::Index kMoods = SeedBlocks::kMoods;
constexpr Eigen::Index kAffects = SeedBlocks::kAffects;
constexpr std::array kStrengths{30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};  // of affect
constexpr std::array kMoodStrengths{10.0, 2.5, 0.6, 0.15, 0.04, 0.01, 0.0025};
constexpr int kLooksMax = 20;  // at the rows, for the moods
constexpr std::size_t kTemperatures = 33;
constexpr double kEnough = 5e-5;  // of cross entropy gained by a step

/// 0.25 to 4, in steps of a twelfth.
double temperature_of(std::size_t which) {
    return std::exp2((static_cast<double>(which) - 16) / 8);
}

Error unusable(ErrorCode code, std::string message) {
    return Error{.code = code, .message = "teach: " + std::move(message)};
}

// Sums over the rows of one fold, x with a 1 in front.
struct FoldSums {
    MatrixXd squares;   // [1 + d, 1 + d] sum w x x'
    MatrixXd products;  // [1 + d, 2] sum w x t', of what the head in use leaves over of valence and arousal
    VectorXd targets;   // [2] sum w t^2

    FoldSums() = default;
    explicit FoldSums(Eigen::Index columns)
        : squares(MatrixXd::Zero(columns, columns)),
          products(MatrixXd::Zero(columns, kAffects)),
          targets(VectorXd::Zero(kAffects)) {}
    double weight() const { return squares(0, 0); }
    void add(const FoldSums& other) {
        squares += other.squares;
        products += other.products;
        targets += other.targets;
    }
};

// What is minimised, solved for one strength after the other.
class Ridge {
 public:
    Ridge(const FoldSums& sums, double strength) {
        MatrixXd normal = sums.squares / sums.weight();
        normal.diagonal().tail(normal.rows() - 1).array() += strength;
        factors_.compute(normal);
    }
    MatrixXd solve(const MatrixXd& right) const { return factors_.solve(right); }

 private:
    Eigen::LLT<MatrixXd> factors_;
};

// Sum of squares that weights [1 + d, 2] leave over in a fold.
VectorXd left_over(const FoldSums& fold, const MatrixXd& weights) {
    const VectorXd crossed = (weights.array() * fold.products.array()).colwise().sum();
    const VectorXd fitted = (weights.array() * (fold.squares * weights).array()).colwise().sum();
    return fold.targets - 2 * crossed + fitted;
}

Eigen::ArrayXXf softmax(const Eigen::ArrayXXf& logits) {
    Eigen::ArrayXXf shares = (logits.colwise() - logits.rowwise().maxCoeff()).exp();
    shares.colwise() /= shares.rowwise().sum().eval();
    return shares;
}

}  // namespace

struct HeadFit::Sums {
    const LinearHead& head;
    SeedBlocks blocks;
    std::array<FoldSums, kSeedFolds> folds;
    mutable double affect_strength = 0;
    mutable double mood_strength = 0;

    Sums(const SeedRows& rows, const LinearHead& of_head) : head(of_head), blocks(rows, of_head) {}

    Eigen::Index width() const { return blocks.width(); }
    bool add_up(const Progress& progress);
    FoldSums of(const Folds& chosen) const;
    double strength(const Folds& chosen) const;
    MatrixXd fit_moods(const Folds& chosen, const FoldSums& sums, double strength, MatrixXd from) const;
    /// And the loss that it has.
    std::pair<double, double> temperature(std::size_t fold, const MatrixXd& weights) const;
    std::string file(const MatrixXd& moods, const MatrixXd& affects, double temperature) const;
};

HeadFit::HeadFit(std::unique_ptr<Sums> sums) : sums_(std::move(sums)) {}
HeadFit::HeadFit(HeadFit&&) noexcept = default;
HeadFit& HeadFit::operator=(HeadFit&&) noexcept = default;
HeadFit::~HeadFit() = default;
double HeadFit::affect_strength() const {
    return sums_->affect_strength;
}
double HeadFit::mood_strength() const {
    return sums_->mood_strength;
}

Result<HeadFit> HeadFit::open(const SeedRows& rows, const LinearHead& in_use, const Progress& progress) {
    if (rows.size() == 0) return unusable(ErrorCode::invalid_argument, "there is nothing to learn from");
    if (rows.width() != in_use.width())
        return unusable(ErrorCode::invalid_argument, "the head in use reads embeddings of another width");
    if (rows.width() > kTaughtWidthMax)
        return unusable(ErrorCode::too_large, "embeddings of more than " + std::to_string(kTaughtWidthMax) +
                                                  " numbers are not fitted");
    auto sums = std::make_unique<Sums>(rows, in_use);
    if (!sums->blocks.look(progress) || !sums->add_up(progress))
        return unusable(ErrorCode::unavailable, "was interrupted");
    return HeadFit(std::move(sums));
}

bool HeadFit::Sums::add_up(const Progress& progress) {
    folds.fill(FoldSums(width() + 1));
    Folds all;
    all.fill(true);
    MatrixXf left;
    MatrixXf squares(width() + 1, width() + 1);
    return blocks.for_each(all, true, [&](SeedBlock& block, std::size_t fold, std::size_t row) {
        left.resize(block.scaled.rows(), kAffects);
        for (Eigen::Index i = 0; i < left.rows(); ++i) {
            const Affect affect = blocks.rows().label(block.numbers[static_cast<std::size_t>(i)]).affect;
            left(i, 0) = affect.valence - block.said(i, kMoods);
            left(i, 1) = affect.arousal - block.said(i, kMoods + 1);
        }
        const Eigen::ArrayXf roots = block.weights.sqrt();
        block.scaled.array().colwise() *= roots;
        left.array().colwise() *= roots;
        squares.setZero();
        squares.selfadjointView<Eigen::Lower>().rankUpdate(block.scaled.transpose());
        folds[fold].squares += squares.selfadjointView<Eigen::Lower>().toDenseMatrix().cast<double>();
        folds[fold].products += (block.scaled.transpose() * left).cast<double>();
        folds[fold].targets += left.colwise().squaredNorm().transpose().cast<double>();
        return !progress || progress(blocks.rows().size() / 2 + row / 2);
    });
}

FoldSums HeadFit::Sums::of(const Folds& chosen) const {
    FoldSums sums(width() + 1);
    for (std::size_t fold = 0; fold < kSeedFolds; ++fold) {
        if (chosen[fold]) sums.add(folds[fold]);
    }
    return sums;
}

// Of affect: what leaves least over in chosen folds that were left out in turn.
double HeadFit::Sums::strength(const Folds& chosen) const {
    std::array<double, kStrengths.size()> losses{};
    for (std::size_t left_out = 0; left_out < kSeedFolds; ++left_out) {
        if (!chosen[left_out]) continue;
        Folds others = chosen;
        others[left_out] = false;
        const FoldSums sums = of(others);
        if (!(sums.weight() > 0)) continue;
        const MatrixXd products = sums.products / sums.weight();
        for (std::size_t s = 0; s < kStrengths.size(); ++s)
            losses[s] += left_over(folds[left_out], Ridge(sums, kStrengths[s]).solve(products)).sum();
    }
    return kStrengths[static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) -
                                               losses.begin())];
}

// [1 + d, moods]
MatrixXd HeadFit::Sums::fit_moods(const Folds& chosen, const FoldSums& sums, double strength,
                                  MatrixXd from) const {
    const Ridge ridge(sums, strength);
    struct Point {
        MatrixXd weights;
        MatrixXd gradient;
        double loss = 0;
    };
    const auto look_at = [&](MatrixXd weights) {
        Point point{.weights = std::move(weights), .gradient = MatrixXd::Zero(width() + 1, kMoods)};
        const MatrixXf narrow = point.weights.cast<float>();
        double weight = 0;
        (void)blocks.for_each(chosen, false, [&](SeedBlock& block, std::size_t, std::size_t) {
            const Eigen::ArrayXXf shares =
                softmax((block.said.leftCols(kMoods) + block.scaled * narrow).array());
            const MatrixXf left = ((block.moods.array() - shares).colwise() * block.balanced).matrix();
            point.gradient -= (block.scaled.transpose() * left).cast<double>();
            point.loss -= ((block.moods.array() * shares.max(1e-12F).log()).rowwise().sum() * block.balanced)
                              .cast<double>()
                              .sum();
            weight += block.balanced.cast<double>().sum();
            return true;
        });
        point.gradient /= weight;
        point.loss /= weight;
        for (Eigen::Index k = 0; k < kMoods; ++k) {
            const auto column = point.weights.col(k).tail(width());
            point.gradient.col(k).tail(width()) += strength * blocks.mix()(k) * column;
            point.loss += strength / 2 * blocks.mix()(k) * column.squaredNorm();
        }
        return point;
    };
    // Linear discriminant analysis' second derivative: the moods' mean times the covariance of x.
    const auto precondition = [&](const MatrixXd& gradient) {
        MatrixXd solved = ridge.solve(gradient);
        for (Eigen::Index k = 0; k < kMoods; ++k)
            solved.col(k) /= blocks.mix()(k);
        return solved;
    };
    Point here = look_at(std::move(from));
    Lbfgs steps;
    for (int looks = 1; looks < kLooksMax;) {
        const MatrixXd towards = steps.direction(here.gradient, precondition);
        const double promised = -Lbfgs::dot(here.gradient, towards);
        double gained = 0;
        for (double part = 1; looks < kLooksMax && part > 1e-3; part /= 2) {
            Point there = look_at(here.weights + part * towards);
            ++looks;
            gained = here.loss - there.loss;
            if (!(gained > 1e-4 * part * promised)) continue;
            steps.add(there.weights - here.weights, there.gradient - here.gradient);
            here = std::move(there);
            break;
        }
        if (gained < kEnough) break;
    }
    return here.weights;
}

// How sure the moods may be: what does best on a fold that they were not fitted to (Guo et al. 2017).
std::pair<double, double> HeadFit::Sums::temperature(std::size_t fold, const MatrixXd& weights) const {
    const MatrixXf narrow = weights.cast<float>();
    std::array<double, kTemperatures> losses{};
    double weight = 0;
    Folds one{};
    one[fold] = true;
    (void)blocks.for_each(one, false, [&](SeedBlock& block, std::size_t, std::size_t) {
        const Eigen::ArrayXXf logits = (block.said.leftCols(kMoods) + block.scaled * narrow).array();
        for (std::size_t t = 0; t < kTemperatures; ++t) {
            const Eigen::ArrayXXf shares = softmax(logits / static_cast<float>(temperature_of(t)));
            losses[t] -= ((block.moods.array() * shares.max(1e-12F).log()).rowwise().sum() * block.balanced)
                             .cast<double>()
                             .sum();
        }
        weight += block.balanced.cast<double>().sum();
        return true;
    });
    const auto best = std::min_element(losses.begin(), losses.end());
    return {temperature_of(static_cast<std::size_t>(best - losses.begin())), *best / weight};
}

Result<std::string> HeadFit::fit(const Folds& chosen) const {
    const FoldSums sums = sums_->of(chosen);
    if (std::count(chosen.begin(), chosen.end(), true) < 2 || !(sums.weight() > 0))
        return unusable(ErrorCode::invalid_argument, "there are too few rows to learn from");
    sums_->affect_strength = sums_->strength(chosen);
    const MatrixXd affects = Ridge(sums, sums_->affect_strength).solve(sums.products / sums.weight());

    // Of the moods: from the strongest, each from where the one before ended, as long as it helps on a fold
    // that is left out.
    Folds others = chosen;
    const auto left_out =
        static_cast<std::size_t>(std::find(chosen.begin(), chosen.end(), true) - chosen.begin());
    others[left_out] = false;
    const FoldSums of_others = sums_->of(others);
    MatrixXd moods = MatrixXd::Zero(sums_->width() + 1, kMoods);
    double temperature = 1;
    double least = std::numeric_limits<double>::infinity();
    for (const double strength : kMoodStrengths) {
        MatrixXd fitted = sums_->fit_moods(others, of_others, strength, moods);
        const auto [best, loss] = sums_->temperature(left_out, fitted);
        if (!(loss < least - kEnough)) break;
        least = loss;
        temperature = best;
        moods = std::move(fitted);
        sums_->mood_strength = strength;
    }
    moods = sums_->fit_moods(chosen, sums, sums_->mood_strength, std::move(moods));
    return sums_->file(moods, affects, temperature);
}

// The head in use with what was learnt added, on embeddings as they come.
std::string HeadFit::Sums::file(const MatrixXd& moods, const MatrixXd& affects, double temperature) const {
    HeadWeights weights = blocks.in_use();
    const auto add = [&](const MatrixXd& learnt, Eigen::Index column, Eigen::Index of_target, float* row,
                         float* bias) {
        const VectorXd change =
            learnt.col(column).tail(width()).array() * blocks.scale().transpose().cast<double>().array();
        const VectorXd sum = blocks.weights().col(of_target).cast<double>() + change;
        for (Eigen::Index i = 0; i < width(); ++i)
            row[i] = static_cast<float>(sum(i));
        *bias = static_cast<float>(blocks.bias()(of_target) + learnt(0, column) -
                                   change.dot(blocks.mean().transpose().cast<double>()));
    };
    const auto d = static_cast<std::size_t>(width());
    for (Eigen::Index k = 0; k < kMoods; ++k) {
        const auto at = static_cast<std::size_t>(k);
        add(moods, k, k, &weights.mood[at * d], &weights.mood_bias[at]);
    }
    for (Eigen::Index a = 0; a < kAffects; ++a) {
        const auto at = static_cast<std::size_t>(a);
        add(affects, a, kMoods + a, &weights.affect[at * d], &weights.affect_bias[at]);
    }
    return write_head(weights, {{"model", head.model()},
                                {"modality", std::string(name(head.modality()))},
                                {"temperature", std::to_string(temperature)},
                                {"precision", std::to_string(head.precision())},
                                {"origin", "bgmctl teach"}});
}

}  // namespace bgm
