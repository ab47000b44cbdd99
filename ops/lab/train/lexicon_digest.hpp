// Which hand-written words and sentences a text model was trained on: kept in its head's metadata
// (`lexicon`), so that a changed lexicon without a rebuilt model is found by a test and not by a reader.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

/// SHA-256 of the files' bytes one after another, in lower-case hexadecimal. `not_found` for one that cannot
/// be read.
Result<std::string> lexicon_digest(const std::vector<std::filesystem::path>& files);

}  // namespace bgm
