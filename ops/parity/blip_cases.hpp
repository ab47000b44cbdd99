// Parity of BLIP captioning: `blip_*` directories of the parity format.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/parity/parity_line.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// A line for every output array of `directory` (model/ and io/ inside it): image encoder, decoder over given
/// ids, and the ids generated, which must be exact. A model that cannot be opened is one line that says so.
std::vector<ParityLine> check_blip(const std::filesystem::path& directory, const Arithmetic& arithmetic);

}  // namespace bgm
