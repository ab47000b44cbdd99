// Fetches what is missing of one model, and leaves nothing in place that it did not read and find right.
//
// A file lies under its own name only after its digest was checked; until then it is NAME.partial. A file
// that is there and right is not fetched again, one that is there and wrong stays until a right one replaces
// it. The lock is written at the end, when the folder is whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ops/bgmctl/models/download.hpp"
#include "ops/bgmctl/models/model_manifest.hpp"
#include "schemas/model_lock.hpp"

namespace bgm {

struct PulledFile {
    LockedFile file;
    bool fetched = false;  // else it was there already
};

struct PullProgress {
    /// Some bytes of a file more are here (or read, where it was there already).
    std::function<void(const std::string& path, std::uint64_t bytes, std::uint64_t bytes_total)> step;
    std::function<void(const PulledFile& file)> done;
};

/// Errors are those of Downloader::fetch(); `corrupt` also where a digest is wrong or a weight file is none,
/// `resource_exhausted` where the disk has not enough room, found before anything is fetched. After an
/// error the next call goes on where this one ended.
Result<std::vector<PulledFile>> pull(Downloader& server, const ManifestModel& model,
                                     const std::filesystem::path& folder, const PullProgress& progress);

}  // namespace bgm
