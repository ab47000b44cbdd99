// One directory of the parity format, of whatever kind, against our numbers.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// With bf16 the limits are wider: it keeps 8 bits of a number, and the reference was made in fp32. (Seen:
/// 0.11.)
inline constexpr double kBf16Limit = 0.15;

/// A line for everything that the directory expects; what nothing of ours was held against is "not checked".
std::vector<ParityLine> check_fixture(const std::filesystem::path& directory, const Arithmetic& arithmetic);

}  // namespace bgm
