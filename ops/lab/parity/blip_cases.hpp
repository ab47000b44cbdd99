// Parity of BLIP captioning: directories of the parity format whose model is a BlipForConditionalGeneration.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm {

/// A line for every array that the manifest expects: of the image encoder, of the decoder over given ids, and
/// the ids generated, which must be the reference's. The error is that of a model or an input that cannot be
/// used.
Result<std::vector<ParityLine>> check_blip(const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic);

}  // namespace bgm
