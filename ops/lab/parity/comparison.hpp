// How far our numbers are from the reference's, and how far they may be.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"

namespace bgm {

inline constexpr double kFinalLimit = 3e-5;         // features, embeddings, logits
inline constexpr double kIntermediateLimit = 1e-4;  // what a later step smooths: hidden states and the like

/// By the array's name: hidden states, stages, poolings and spectrograms are intermediates, all else is
/// final.
double limit_of(std::string_view array);

/// max |ours - expected| / max |expected| against the limit. Not ok where the counts differ or ours holds a
/// NaN or an infinity: `detail` says which.
ParityLine compare(std::string name, std::span<const float> ours, std::span<const float> expected,
                   double limit);

/// Rows of token ids, which must be the same to the last one. The difference is the share of rows that
/// differ.
ParityLine compare_ids(std::string name, std::span<const std::vector<std::int64_t>> ours,
                       std::span<const std::vector<std::int64_t>> expected);

/// A line for what could not be compared: never ok.
ParityLine not_checked(std::string name, std::string why);

}  // namespace bgm
