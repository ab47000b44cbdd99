// A whole file, mapped read-only: it takes no memory of this process's own, and all that map it share its
// pages.
//
// Owns the mapping; moves, does not copy. The bytes stay valid until it is destroyed. The file must not be
// cut short while it is mapped: what replaces it is renamed over it. Where a person's own file is read, which
// anybody may cut short, explain_shrunken_files() says so before the program ends.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

class MappedFile {
 public:
    /// An empty file gives no bytes. Errors have the path as their field: `not_found`, `unsupported` where it
    /// is no regular file, `unavailable`.
    /// `patient`: waits for whoever holds the file back, as a pipe does. Else a pipe is refused at once.
    static Result<MappedFile> open(const std::filesystem::path& path, bool patient = false);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

    /// Says that nothing will be read for a while: the pages no longer count as this process's memory. They
    /// stay in the page cache, and come back when they are read.
    void release_pages() const;

 private:
    MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// From now on the program ends with status 1 and `program`: a sentence on standard error where a mapped file
/// was cut short under it, instead of dying of SIGBUS without a word. `program` must live on.
void explain_shrunken_files(const char* program);

}  // namespace bgm
