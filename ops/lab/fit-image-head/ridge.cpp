#include "ops/lab/fit-image-head/ridge.hpp"

#include <cmath>
#include <vector>

namespace bgm::fit {

Eigen::VectorXd fit_ridge(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& prior,
                          double penalty) {
    const Eigen::MatrixXd centered = x.rowwise() - x.colwise().mean();
    const Eigen::VectorXd rest = (y.array() - y.mean()).matrix() - centered * prior;
    Eigen::MatrixXd normal = centered.transpose() * centered;
    normal.diagonal().array() += penalty;
    return prior + normal.ldlt().solve(centered.transpose() * rest);
}

Eigen::VectorXd cross_validate(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                               const Eigen::VectorXd& prior, double penalty, int folds) {
    Eigen::VectorXd predicted(y.size());
    for (int fold = 0; fold < folds; ++fold) {
        std::vector<Eigen::Index> kept;
        std::vector<Eigen::Index> held_back;
        for (Eigen::Index i = 0; i < y.size(); ++i)
            (i % folds == fold ? held_back : kept).push_back(i);
        const Eigen::MatrixXd x_kept = x(kept, Eigen::all);
        const Eigen::VectorXd y_kept = y(kept);
        const Eigen::VectorXd weight = fit_ridge(x_kept, y_kept, prior, penalty);
        const double bias = y_kept.mean() - x_kept.colwise().mean().dot(weight);
        for (const Eigen::Index i : held_back)
            predicted(i) = x.row(i).dot(weight) + bias;
    }
    return predicted;
}

double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    const Eigen::VectorXd x = (a.array() - a.mean()).matrix();
    const Eigen::VectorXd y = (b.array() - b.mean()).matrix();
    const double scale = std::sqrt(x.squaredNorm() * y.squaredNorm());
    return scale > 0 ? x.dot(y) / scale : 0.0;
}

}  // namespace bgm::fit
