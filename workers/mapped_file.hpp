// A whole file, mapped read-only: all workers of a host share its pages.
//
// Owns the mapping; moves, does not copy. The bytes stay valid until it is destroyed. The file must not be
// cut short while it is mapped: weights are replaced by renaming a new file over the old one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "schemas/result.hpp"

namespace bgm {

class MappedFile {
 public:
    /// `not_found` where it cannot be opened, `corrupt` where it is empty or no plain file,
    /// `resource_exhausted` where it cannot be mapped.
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {data_, size_}; }

    /// Says that nothing will be read for a while: the pages no longer count as this process's memory. They
    /// stay in the page cache, and come back when they are read.
    void release_pages() const;

 private:
    MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace bgm
