// Labelled files by the name of their format, as commands are given them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/evaluation/corpus.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// What the labels of such a file mean: `given`, or the label_to_mood13.tsv beside or above the file.
/// `invalid_argument` where there is none.
Result<LabelMeanings> find_meanings(const std::filesystem::path& file, const std::filesystem::path& given);

/// `format`: goemotions, kote, nsmc, emobank, tweets or list, each with its reader in corpus.hpp;
/// `invalid_argument` for any other. `meanings` is only looked at where the format's labels need one.
Result<std::vector<Example>> read_corpus(std::string_view format, const std::filesystem::path& file,
                                         const LabelMeanings& meanings);

/// Whether the labels of a format need a meaning.
bool needs_meanings(std::string_view format);

}  // namespace bgm
