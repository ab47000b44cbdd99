// The list of public models: where each file of a model comes from, and what it must be (data/models.toml).
//
// A pinned file has its size and SHA-256 in the list; the others are checked against what the server
// announces. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

// No file of a model is larger; whoever says so is wrong.
inline constexpr std::int64_t kModelFileBytesMax = std::int64_t{1} << 50;

struct ManifestFile {
    std::string path;      // relative to the model's folder and to the repository's root
    std::string revision;  // commit or ref of the repository
    std::uint64_t bytes = 0;
    std::string sha256;  // empty, with `bytes` 0: not pinned

    bool pinned() const { return !sha256.empty(); }
};

struct ManifestModel {
    std::string name;  // of its folder
    std::string repository;
    std::string revision;
    std::string licence;
    std::string purpose;
    std::vector<ManifestFile> files;
};

using ModelManifest = std::vector<ManifestModel>;

/// `invalid_argument` with the line, or with the model and the key, where something is wrong: nothing is
/// passed over. `source` names the text in errors.
Result<ModelManifest> parse_model_manifest(std::string_view text, const std::string& source);

/// The file's, or without a path the list that is built in.
Result<ModelManifest> read_model_manifest(const std::optional<std::string>& path);

}  // namespace bgm
