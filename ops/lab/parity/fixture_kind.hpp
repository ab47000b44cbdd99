// What a directory of the parity format holds, told by its content: the names of directories mean nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

enum class FixtureKind {
    clip,
    sentence,
    clap,
    blip,
    clap_mel,
    end_to_end,
    tokenizer,
    image_preprocess,
    unknown
};

/// By model/config.json's model_type where there is a model, else by the manifest and the files beside it.
/// `unknown` is an answer; an error is a file that cannot be read.
Result<FixtureKind> fixture_kind(const std::filesystem::path& directory);

/// The directories of the format in a directory: itself, or those inside it, however deep, in the order of
/// their names. `not_found` where there are none or it is no directory that can be read.
Result<std::vector<std::filesystem::path>> find_fixtures(const std::filesystem::path& directory);

}  // namespace bgm
