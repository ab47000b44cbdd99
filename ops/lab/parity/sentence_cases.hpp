// Parity of the multilingual text tower: DistilBERT and the modules on top of it.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// A line for every expected array of `directory` (model/ and io/ inside it). Where its manifest has texts,
/// lines for their ids and embeddings, too, from the text itself.
Result<std::vector<ParityLine>> check_sentence(const std::filesystem::path& directory,
                                               const Arithmetic& arithmetic);

}  // namespace bgm
