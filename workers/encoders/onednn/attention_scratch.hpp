// Where the scratch memory of one head is used for what. Internal linkage, as in lanes.hpp.
#pragma once

#include <cstdint>

namespace bgm {
namespace {

/// Queries that go from scores to the result together.
constexpr int kQueries = 6;

constexpr std::int64_t rounded_up(std::int64_t value, std::int64_t step) {
    return (value + step - 1) / step * step;
}

/// Everything is counted in words: one float, or two bf16.
struct ScratchPlan {
    std::int64_t key_stride;    // tokens in whole registers
    std::int64_t value_stride;  // the head's width in whole registers
    std::int64_t keys;          // [words of the width, key_stride]
    std::int64_t values;        // [words of the length, value_stride]
    std::int64_t query;         // [kQueries, words of the width]
    std::int64_t scores;        // [kQueries, key_stride]
    std::int64_t weights;       // [kQueries, words of the length], as elements
    std::int64_t result;        // [kQueries, value_stride]
    std::int64_t end;
};
constexpr ScratchPlan plan(std::int64_t length, std::int64_t width, std::int64_t per_word, int lanes) {
    ScratchPlan plan{};
    const std::int64_t depth = (width + per_word - 1) / per_word;
    const std::int64_t steps = (length + per_word - 1) / per_word;
    plan.key_stride = rounded_up(length, lanes);
    plan.value_stride = rounded_up(width, lanes);
    plan.values = plan.keys + rounded_up(depth, lanes) * plan.key_stride;
    plan.query = plan.values + steps * plan.value_stride;
    plan.scores = plan.query + rounded_up(kQueries * depth, lanes);
    plan.weights = plan.scores + kQueries * plan.key_stride;
    plan.result = plan.weights + kQueries * plan.key_stride;
    plan.end = plan.result + kQueries * plan.value_stride;
    return plan;
}

}  // namespace
}  // namespace bgm
