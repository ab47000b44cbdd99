// The most that this machine gives in matrix products of a precision: what a tower's time is held against.
#pragma once

#include "workers/encoders/onednn/product.hpp"

namespace bgm::bench {

/// A square product with packed weights that stays in the caches. Sums up runs, to be called between others.
class MatmulPeak {
 public:
    explicit MatmulPeak(Element element);

    void run();
    /// Of the best run.
    double gflops() const { return best_; }

 private:
    static constexpr std::int64_t kSide = 2048;
    Product product_;
    PackedWeights weights_;
    AlignedBuffer source_, result_, scratch_;
    double best_ = 0;
};

}  // namespace bgm::bench
