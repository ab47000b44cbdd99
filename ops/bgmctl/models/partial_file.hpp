// NAME.partial: the first part of a file that is being fetched, kept from one run to the next.
//
// One process at a time holds it. NAME.partial.etag says which version of the server's file the bytes are of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "schemas/descriptor.hpp"
#include "schemas/result.hpp"

namespace bgm {

class PartialFile {
 public:
    /// Made where there is none; removed again at the end where it is still empty. `unavailable` where
    /// another process holds it or it cannot be opened.
    static Result<PartialFile> open(const std::filesystem::path& path);

    PartialFile(PartialFile&&) noexcept = default;
    ~PartialFile();

    std::uint64_t bytes() const { return bytes_; }
    /// A strong ETag, or empty where the server gave none.
    const std::string& version() const { return version_; }

    /// Empties it; what is appended from now on is of this version.
    Status begin_anew(const std::string& version);
    /// `resource_exhausted` where the disk is full.
    Status append(std::span<const char> bytes);
    /// Until here it would survive a loss of power.
    Status sync();

 private:
    explicit PartialFile(std::filesystem::path path) : path_(std::move(path)) {}
    Error failure(int reason) const;

    std::filesystem::path path_;
    Descriptor file_;
    std::uint64_t bytes_ = 0;
    std::string version_;
};

/// Removes a partial file and what belongs to it.
void forget_partial(const std::filesystem::path& path);

}  // namespace bgm
