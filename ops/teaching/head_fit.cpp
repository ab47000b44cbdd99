#include "ops/teaching/head_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

namespace bgm {
namespace {

using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using Eigen::VectorXf;

constexpr Eigen::Index kMoods = kMoodCount;
constexpr Eigen::Index kAffects = 2;
constexpr Eigen::Index kTargets = kMoods + kAffects;  // what is left of moods, valence, arousal
constexpr Eigen::Index kBlockRows = 512;
constexpr std::array kStrengths{30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
constexpr int kStepsMax = 16;       // of the moods' fit
constexpr double kEnough = 1e-5;    // of cross entropy gained by a step
constexpr double kShareMin = 1e-3;  // of a mood that hardly any seed means

Error unusable(ErrorCode code, std::string message) {
    return Error{.code = code, .message = "teach: " + std::move(message)};
}

// Sums over the rows of one fold, x with a 1 in front.
struct FoldSums {
    MatrixXd squares;   // [1 + d, 1 + d] sum w x x'
    MatrixXd products;  // [1 + d, targets] sum w x t'
    VectorXd targets;   // [targets] sum w t^2

    FoldSums() = default;
    explicit FoldSums(Eigen::Index columns)
        : squares(MatrixXd::Zero(columns, columns)),
          products(MatrixXd::Zero(columns, kTargets)),
          targets(VectorXd::Zero(kTargets)) {}
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

// Sum of squares that weights [1 + d, targets] leave over in a fold, by target.
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
    const SeedRows& rows;
    const LinearHead& head;
    HeadWeights in_use;
    MatrixXf weights0;               // [d, targets]: the head in use, its moods over its temperature
    Eigen::RowVectorXf bias0;        // [targets]
    Eigen::RowVectorXf mean, scale;  // [d]; a number that does not vary has a scale of 0
    VectorXd mix;                    // [moods] of the seeds
    std::array<FoldSums, kSeedFolds> folds;
    mutable double affect_strength = 0;
    mutable double mood_strength = 0;

    Sums(const SeedRows& of_rows, const LinearHead& of_head)
        : rows(of_rows), head(of_head), in_use(of_head.weights()) {}

    Eigen::Index width() const { return static_cast<Eigen::Index>(rows.width()); }
    bool look(const Progress& progress);
    bool add_up(const Progress& progress);
    FoldSums of(const Folds& chosen) const;
    std::pair<double, double> strengths(const Folds& chosen) const;
    MatrixXd fit_moods(const Folds& chosen, const FoldSums& sums, double strength) const;
    std::string file(const MatrixXd& moods, const MatrixXd& affects) const;

    /// Some rows: as they are, brought to mean 0 and variance 1 with a 1 in front, and what is wanted.
    struct Block {
        std::vector<std::size_t> numbers;
        MatrixXf raw, scaled, logits0, moods;  // logits0: of the head in use, with log f
        Eigen::ArrayXf weights;
    };
    void read(Block& block) const;
    template <typename Use>
    bool for_each_block(const Folds& chosen, bool by_fold, const Use& use) const;
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
    if (!sums->look(progress) || !sums->add_up(progress))
        return unusable(ErrorCode::unavailable, "was interrupted");
    return HeadFit(std::move(sums));
}

// Means, variances and the mix of moods.
bool HeadFit::Sums::look(const Progress& progress) {
    const Eigen::Index d = width();
    weights0.resize(d, kTargets);
    bias0.resize(kTargets);
    const float temperature = head.temperature();
    for (Eigen::Index k = 0; k < kMoods; ++k) {
        weights0.col(k) =
            Eigen::Map<const VectorXf>(&in_use.mood[static_cast<std::size_t>(k * d)], d) / temperature;
        bias0(k) = in_use.mood_bias[static_cast<std::size_t>(k)] / temperature;
    }
    for (Eigen::Index a = 0; a < kAffects; ++a) {
        weights0.col(kMoods + a) =
            Eigen::Map<const VectorXf>(&in_use.affect[static_cast<std::size_t>(a * d)], d);
        bias0(kMoods + a) = in_use.affect_bias[static_cast<std::size_t>(a)];
    }
    VectorXd sum = VectorXd::Zero(d);
    VectorXd squares = VectorXd::Zero(d);
    VectorXf embedding(d);
    mix = VectorXd::Zero(kMoods);
    double weight = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row % 4096 == 0 && progress && !progress(row / 2)) return false;
        const SeedLabel& label = rows.label(row);
        rows.embedding(row, embedding.data());
        const VectorXd x = embedding.cast<double>();
        sum += label.weight * x;
        squares.array() += label.weight * x.array().square();
        for (Eigen::Index k = 0; k < kMoods; ++k)
            mix(k) += label.weight * label.moods[static_cast<std::size_t>(k)];
        weight += label.weight;
    }
    const VectorXd means = sum / weight;
    mean = means.cast<float>();
    scale.resize(d);
    for (Eigen::Index i = 0; i < d; ++i) {
        const double variance = squares(i) / weight - means(i) * means(i);
        scale(i) = variance > 1e-8 ? static_cast<float>(1 / std::sqrt(variance)) : 0.0F;
    }
    mix = (mix / weight).cwiseMax(kShareMin);
    mix /= mix.sum();
    return true;
}

void HeadFit::Sums::read(Block& block) const {
    const auto n = static_cast<Eigen::Index>(block.numbers.size());
    block.raw.resize(n, width());
    block.moods.resize(n, kMoods);
    block.weights.resize(n);
    VectorXf embedding(width());
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t row = block.numbers[static_cast<std::size_t>(i)];
        rows.embedding(row, embedding.data());
        block.raw.row(i) = embedding.transpose();
        const SeedLabel& label = rows.label(row);
        for (Eigen::Index k = 0; k < kMoods; ++k)
            block.moods(i, k) = label.moods[static_cast<std::size_t>(k)];
        block.weights(i) = label.weight;
    }
    block.scaled.resize(n, width() + 1);
    block.scaled.col(0).setOnes();
    block.scaled.rightCols(width()) =
        ((block.raw.rowwise() - mean).array().rowwise() * scale.array()).matrix();
    block.logits0 = (block.raw * weights0).rowwise() + bias0;
    block.logits0.leftCols(kMoods).rowwise() += mix.array().log().matrix().cast<float>().transpose();
}

// `use` is given a block and the fold it is of (any one, unless they come by fold); false ends it.
template <typename Use>
bool HeadFit::Sums::for_each_block(const Folds& chosen, bool by_fold, const Use& use) const {
    std::array<Block, kSeedFolds> blocks;
    const auto give = [&](std::size_t fold, std::size_t row) {
        if (blocks[fold].numbers.empty()) return true;
        read(blocks[fold]);
        const bool on = use(blocks[fold], fold, row);
        blocks[fold].numbers.clear();
        return on;
    };
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::uint32_t fold = fold_of(rows.label(row).group);
        if (!chosen[fold]) continue;
        Block& block = blocks[by_fold ? fold : 0];
        block.numbers.push_back(row);
        if (block.numbers.size() == kBlockRows && !give(by_fold ? fold : 0, row)) return false;
    }
    for (std::size_t fold = 0; fold < kSeedFolds; ++fold) {
        if (!give(fold, rows.size())) return false;
    }
    return true;
}

bool HeadFit::Sums::add_up(const Progress& progress) {
    folds.fill(FoldSums(width() + 1));
    Folds all;
    all.fill(true);
    MatrixXf left(kBlockRows, kTargets);
    MatrixXf squares(width() + 1, width() + 1);
    return for_each_block(all, true, [&](Block& block, std::size_t fold, std::size_t row) {
        const auto n = block.scaled.rows();
        left.resize(n, kTargets);
        left.leftCols(kMoods) =
            (block.moods.array() - softmax(block.logits0.leftCols(kMoods).array())).matrix();
        for (Eigen::Index i = 0; i < n; ++i) {
            const Affect affect = rows.label(block.numbers[static_cast<std::size_t>(i)]).affect;
            left(i, kMoods) = affect.valence - block.logits0(i, kMoods);
            left(i, kMoods + 1) = affect.arousal - block.logits0(i, kMoods + 1);
        }
        const Eigen::ArrayXf roots = block.weights.sqrt();
        block.scaled.array().colwise() *= roots;
        left.array().colwise() *= roots;
        squares.setZero();
        squares.selfadjointView<Eigen::Lower>().rankUpdate(block.scaled.transpose());
        folds[fold].squares += squares.selfadjointView<Eigen::Lower>().toDenseMatrix().cast<double>();
        folds[fold].products += (block.scaled.transpose() * left).cast<double>();
        folds[fold].targets += left.colwise().squaredNorm().transpose().cast<double>();
        return !progress || progress(rows.size() / 2 + row / 2);
    });
}

FoldSums HeadFit::Sums::of(const Folds& chosen) const {
    FoldSums sums(width() + 1);
    for (std::size_t fold = 0; fold < kSeedFolds; ++fold) {
        if (chosen[fold]) sums.add(folds[fold]);
    }
    return sums;
}

// Of affect and of moods: each what leaves least over in chosen folds that were left out in turn.
std::pair<double, double> HeadFit::Sums::strengths(const Folds& chosen) const {
    std::array<double, kStrengths.size()> of_affect{};
    std::array<double, kStrengths.size()> of_moods{};
    for (std::size_t left_out = 0; left_out < kSeedFolds; ++left_out) {
        if (!chosen[left_out]) continue;
        Folds others = chosen;
        others[left_out] = false;
        const FoldSums sums = of(others);
        if (!(sums.weight() > 0)) continue;
        const MatrixXd products = sums.products / sums.weight();
        for (std::size_t s = 0; s < kStrengths.size(); ++s) {
            const VectorXd left = left_over(folds[left_out], Ridge(sums, kStrengths[s]).solve(products));
            of_affect[s] += left.tail(kAffects).sum();
            of_moods[s] += left.head(kMoods).sum();
        }
    }
    const auto best = [](const auto& losses) {
        return kStrengths[static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) -
                                                   losses.begin())];
    };
    return {best(of_affect), best(of_moods)};
}

// [1 + d, moods]
MatrixXd HeadFit::Sums::fit_moods(const Folds& chosen, const FoldSums& sums, double strength) const {
    const Ridge ridge(sums, strength);
    struct Point {
        MatrixXd weights;
        MatrixXd slope;  // where it gets better
        double loss = 0;
    };
    const auto look_at = [&](MatrixXd weights) {
        Point point{.weights = std::move(weights), .slope = MatrixXd::Zero(width() + 1, kMoods)};
        const MatrixXf narrow = point.weights.cast<float>();
        (void)for_each_block(chosen, false, [&](Block& block, std::size_t, std::size_t) {
            const Eigen::ArrayXXf shares =
                softmax((block.logits0.leftCols(kMoods) + block.scaled * narrow).array());
            const MatrixXf left = ((block.moods.array() - shares).colwise() * block.weights).matrix();
            point.slope += (block.scaled.transpose() * left).cast<double>();
            point.loss -= ((block.moods.array() * shares.max(1e-12F).log()).rowwise().sum() * block.weights)
                              .cast<double>()
                              .sum();
            return true;
        });
        point.slope /= sums.weight();
        point.loss /= sums.weight();
        for (Eigen::Index k = 0; k < kMoods; ++k) {
            const auto column = point.weights.col(k).tail(width());
            point.slope.col(k).tail(width()) -= strength * mix(k) * column;
            point.loss += strength / 2 * mix(k) * column.squaredNorm();
        }
        return point;
    };
    Point here = look_at(MatrixXd::Zero(width() + 1, kMoods));
    double step = 1;
    for (int steps = 1; steps < kStepsMax && step > 1e-3;) {
        MatrixXd towards = ridge.solve(here.slope);
        for (Eigen::Index k = 0; k < kMoods; ++k)
            towards.col(k) /= mix(k);
        for (; steps < kStepsMax; step /= 2) {
            Point there = look_at(here.weights + step * towards);
            ++steps;
            const double gained = here.loss - there.loss;
            if (gained > 0) {
                here = std::move(there);
                step = std::min(1.0, 1.5 * step);
                if (gained < kEnough) return here.weights;
                break;
            }
            if (step < 1e-3) return here.weights;
        }
    }
    return here.weights;
}

Result<std::string> HeadFit::fit(const Folds& chosen) const {
    const FoldSums sums = sums_->of(chosen);
    if (std::count(chosen.begin(), chosen.end(), true) < 2 || !(sums.weight() > 0))
        return unusable(ErrorCode::invalid_argument, "there are too few rows to learn from");
    std::tie(sums_->affect_strength, sums_->mood_strength) = sums_->strengths(chosen);
    const MatrixXd affects =
        Ridge(sums, sums_->affect_strength).solve(sums.products.rightCols(kAffects) / sums.weight());
    return sums_->file(sums_->fit_moods(chosen, sums, sums_->mood_strength), affects);
}

// The head in use with what was learnt added, on embeddings as they come.
std::string HeadFit::Sums::file(const MatrixXd& moods, const MatrixXd& affects) const {
    HeadWeights weights = in_use;
    const auto add = [&](const MatrixXd& learnt, Eigen::Index column, Eigen::Index of_target, float* row,
                         float* bias) {
        const VectorXd change =
            learnt.col(column).tail(width()).array() * scale.transpose().cast<double>().array();
        const VectorXd sum = weights0.col(of_target).cast<double>() + change;
        for (Eigen::Index i = 0; i < width(); ++i)
            row[i] = static_cast<float>(sum(i));
        *bias = static_cast<float>(bias0(of_target) + learnt(0, column) -
                                   change.dot(mean.transpose().cast<double>()));
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
                                {"temperature", "1"},
                                {"precision", std::to_string(head.precision())},
                                {"origin", "bgmctl teach"}});
}

}  // namespace bgm
