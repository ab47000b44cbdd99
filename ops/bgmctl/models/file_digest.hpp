// Digests of files, read from the disk as they lie there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

/// Called with the bytes read so far.
using DigestProgress = std::function<void(std::uint64_t bytes)>;

/// 64 hexadecimal digits. `not_found`, `unavailable` where the file cannot be read or the user interrupts.
Result<std::string> sha256_of(const std::filesystem::path& path, const DigestProgress& progress = {});

/// Git's name for a file with this content (40 hexadecimal digits): what a git server announces for files
/// that are not kept elsewhere.
Result<std::string> git_blob_of(const std::filesystem::path& path);

}  // namespace bgm
