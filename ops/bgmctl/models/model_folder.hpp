// What lies in the folder of a model, against what must lie there.
//
// What a file must be is said by the list of models where it is pinned there, else by the folder's lock
// (schemas/model_lock.hpp), else by nobody. Nothing is written here. Plain functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/bgmctl/models/model_manifest.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {

enum class FileStanding {
    absent,
    partial,       // only NAME.partial is there
    wrong_size,    // bytes differ from what they must be
    wrong_digest,  // read, and not what it must be
    damaged,       // a weight file whose header is false
    unpinned,      // read, and nobody says what it must be
    unverified,    // there, with the right size where that is known; not read
    verified,      // read now, or by the pull that wrote the lock, and as it must be
};
std::string_view name(FileStanding standing);

struct FileReport {
    std::string path;
    FileStanding standing = FileStanding::absent;
    std::uint64_t bytes = 0;  // on the disk, those of a partial file included
    std::string sha256;       // as read; empty where it was not
    std::string message;      // what is wrong, with expected and actual
};

struct ModelReport {
    std::string name;
    std::filesystem::path folder;
    std::vector<FileReport> files;

    std::uint64_t bytes() const;
    /// "absent", "partial", "unverified" or "verified".
    std::string_view standing() const;
};

/// What a file must be, and who says so.
struct Expectation {
    std::uint64_t bytes = 0;
    std::string sha256;
    DigestSource source = DigestSource::manifest;
};
std::optional<Expectation> expectation(const ManifestFile& file, const std::optional<ModelLock>& lock);

/// Looks without reading: milliseconds. A lock that cannot be understood counts as none.
ModelReport look_at(const ManifestModel& model, const std::filesystem::path& folder);

using VerifyProgress =
    std::function<void(const std::string& path, std::uint64_t bytes, std::uint64_t bytes_total)>;

/// Reads every byte. `unavailable` only where the user interrupts; what is wrong with a file is in the
/// report.
Result<ModelReport> verify(const ManifestModel& model, const std::filesystem::path& folder,
                           const VerifyProgress& progress);

}  // namespace bgm
