// Parity of CLIP from image files and strings to features: decoding, preprocessing or tokenising, and the
// tower.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// A line for the manifest's `image_features` and one for its `text_features`. The model of the images is the
/// folder inside `directory` that gives features of that width; that of the texts may be one beside it
/// (another directory of the format, preferred where the manifest's words name it), and the vocabulary the
/// one beside it that is as large as the model's.
Result<std::vector<ParityLine>> check_end_to_end(const std::filesystem::path& directory,
                                                 const Arithmetic& arithmetic);

}  // namespace bgm
