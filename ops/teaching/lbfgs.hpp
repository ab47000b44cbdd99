// The direction of the next step towards a minimum, from the last few steps: L-BFGS (Nocedal 1980; Liu &
// Nocedal 1989), with a preconditioner in place of its first guess.
//
// Plain values; not thread-safe.
#pragma once

#include <Eigen/Dense>
#include <deque>
#include <vector>

namespace bgm {

class Lbfgs {
 public:
    /// A step that was taken, and by how much the gradient changed with it. One that curves upwards, as none
    /// of a convex function does but by rounding, is not remembered.
    void add(const Eigen::MatrixXd& step, const Eigen::MatrixXd& change) {
        const double curvature = dot(step, change);
        if (!(curvature > 0)) return;
        pairs_.push_back({step, change, 1 / curvature});
        if (pairs_.size() > kPairsMax) pairs_.pop_front();
    }

    /// Downwards from where the gradient is this. `precondition` solves with a rough second derivative.
    template <typename Precondition>
    Eigen::MatrixXd direction(const Eigen::MatrixXd& gradient, const Precondition& precondition) const {
        Eigen::MatrixXd rest = gradient;
        std::vector<double> shares(pairs_.size());
        for (std::size_t i = pairs_.size(); i-- > 0;) {
            shares[i] = pairs_[i].scale * dot(pairs_[i].step, rest);
            rest -= shares[i] * pairs_[i].change;
        }
        Eigen::MatrixXd towards = precondition(rest);
        if (!pairs_.empty()) {
            const Pair& last = pairs_.back();
            towards *= dot(last.step, last.change) / dot(last.change, precondition(last.change));
        }
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            const double share = pairs_[i].scale * dot(pairs_[i].change, towards);
            towards += (shares[i] - share) * pairs_[i].step;
        }
        return -towards;
    }

    static double dot(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
        return (a.array() * b.array()).sum();
    }

 private:
    static constexpr std::size_t kPairsMax = 6;
    struct Pair {
        Eigen::MatrixXd step;
        Eigen::MatrixXd change;
        double scale = 0;
    };
    std::deque<Pair> pairs_;
};

}  // namespace bgm
