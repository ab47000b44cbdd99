// Parity of CLIP: both towers on the arrays of a directory of the parity format.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// A line for every expected array of `directory` (model/ and io/ inside it). Either tower may be missing
/// where neither its input nor its outputs are there.
Result<std::vector<ParityLine>> check_clip(const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic);

}  // namespace bgm
