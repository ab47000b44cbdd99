// A short name for exactly these weights: what tells the embeddings of two versions of a model apart.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

/// 16 hex digits over every config.json, tokeniser and safetensors file of the directory and of those
/// directly in it: whole small files; of a large one its size, its beginning with the header, and pages
/// spread over the rest, so that a worker need not read a gigabyte at every start. Finds another training
/// run, fine-tuning or precision; not a single flipped weight, which `bgmctl models verify` is for.
/// `not_found` where there is no such file.
Result<std::string> model_fingerprint(const std::filesystem::path& directory);

/// What the embeddings of this model are called: "clip-vit-base-patch32@1a2b3c4d", the folder's own name and
/// the fingerprint's first digits. Embeddings of one name lie in one space.
std::string model_name(const std::filesystem::path& directory, std::string_view fingerprint);

}  // namespace bgm
