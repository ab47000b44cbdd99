// A folder with a public model, as downloaded: what it must hold (bgm-lock.json), and whether it does.
//
// `bgmctl models pull` writes the lock once every file had the digest that it must have. Workers call
// check_model_folder() before they load anything: it reads no weights, so it costs milliseconds; `bgmctl
// models verify` reads every byte. What is still being fetched is called NAME.partial and never looked at. A
// folder that was copied by hand may lack the lock: then its weight files alone must be whole. The contents
// are untrusted. Plain functions, callable from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

inline constexpr std::string_view kModelLockName = "bgm-lock.json";
inline constexpr std::string_view kPartialSuffix = ".partial";

/// Whose word it was that a file has the right digest.
enum class DigestSource {
    manifest,  // pinned in the list of models
    server,    // announced by the server that it came from
};
std::string_view name(DigestSource source);

struct LockedFile {
    std::string path;  // relative to the folder
    std::uint64_t bytes = 0;
    std::string sha256;    // 64 lower-case hexadecimal digits
    std::string revision;  // of the repository: a commit, or what else was asked for
    DigestSource source = DigestSource::manifest;

    bool operator==(const LockedFile&) const = default;
};

struct ModelLock {
    std::string repository;
    std::vector<LockedFile> files;

    bool operator==(const ModelLock&) const = default;

    const LockedFile* find(std::string_view path) const;
};

/// Nothing where there is no lock; `corrupt` where there is one that cannot be understood.
Result<std::optional<ModelLock>> read_model_lock(const std::filesystem::path& folder);
/// Replaces the lock as a whole.
Status write_model_lock(const std::filesystem::path& folder, const ModelLock& lock);

/// True for "a/b.c": below the folder by its very spelling, whatever the disk holds.
bool stays_below(std::string_view path);
/// True for 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text);

/// A safetensors file whose header accounts for every byte of it. Reads the header only. `not_found`,
/// `corrupt` (also where it was cut short or something was appended), `too_large`; the field is the path.
Status check_weight_file(const std::filesystem::path& path);

/// What must hold before a model is loaded: each locked file there with its size, config.json there, weights
/// there and each weight file whole. The field of an error is the path, its message says what to do.
Status check_model_folder(const std::filesystem::path& folder);

}  // namespace bgm
