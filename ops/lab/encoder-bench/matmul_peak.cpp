#include "ops/lab/encoder-bench/matmul_peak.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace bgm::bench {

MatmulPeak::MatmulPeak(Element element)
    : product_({.in = kSide, .out = kSide, .source = element, .result = element}) {
    const std::vector<float> ones(static_cast<std::size_t>(kSide * kSide), 1.0F);
    weights_ = product_.pack({{.weight = ones, .bias = {}}});
    std::memset(source_.elements<float>(kSide * kSide), 0, kSide * kSide * sizeof(float));
}

void MatmulPeak::run() {
    const auto begin = std::chrono::steady_clock::now();
    product_.run(kSide, source_.elements<float>(kSide * kSide), weights_,
                 result_.elements<float>(kSide * kSide), scratch_);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best_ = std::max(best_, 2.0 * kSide * kSide * kSide / seconds.count() / 1e9);
}

}  // namespace bgm::bench
