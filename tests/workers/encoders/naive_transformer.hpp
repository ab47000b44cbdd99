// The transformer once more, from the papers' formulas, in double precision and one number at a time: what
// the fast ones are held to where no reference output is at hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/workers/encoders/random_checkpoint.hpp"

namespace bgm::naive {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

Row linear(const Row& row, const RandomCheckpoint& weights, const std::string& prefix, bool bias = true);
Row layer_norm(const Row& row, const RandomCheckpoint& weights, const std::string& prefix, double epsilon);
Row sum(const Row& a, const Row& b);
Row unit(const Row& row);

/// By transformers' names: "gelu", "gelu_new", "quick_gelu", "relu", "silu".
double activate(double value, const std::string& name);

struct Blocks {
    std::string prefix;
    std::int64_t count = 0;
    std::vector<std::string> parts;
    std::size_t heads = 1;
    std::string activation;
    double epsilon = 1e-5;
    bool norm_before = true;
};

/// `sees(query, key)`: whether a position takes part in another's attention. Every position sees one at
/// least.
Rows run(const Blocks& blocks, const RandomCheckpoint& weights, Rows rows,
         const std::function<bool(std::size_t, std::size_t)>& sees);

/// max |ours - theirs| / max |theirs|, over rows laid out one after the other.
double difference(const std::vector<float>& ours, const Rows& theirs);

}  // namespace bgm::naive
