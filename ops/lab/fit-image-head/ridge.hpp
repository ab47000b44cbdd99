// Linear regression that stays near a prior: minimises |y - X w - b|^2 + penalty |w - prior|^2, with b free.
#pragma once

#include <Eigen/Dense>

namespace bgm::fit {

/// Weights [d] for `x` [n, d] and `y` [n].
Eigen::VectorXd fit_ridge(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& prior,
                          double penalty);

/// What k-fold cross-validation predicts for each row; row i belongs to fold i % folds.
Eigen::VectorXd cross_validate(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                               const Eigen::VectorXd& prior, double penalty, int folds);

/// Pearson's r; 0 where one side does not vary.
double correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b);

}  // namespace bgm::fit
