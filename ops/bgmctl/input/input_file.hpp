// A file read from front to back, decompressed on the way where it is gzip or zstd (told by its first bytes,
// not its name): any number of members or frames, skippable ones and zeros between and behind them passed
// over. Memory is bounded whatever the file holds. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

class InputFile {
 public:
    /// `unsupported` names what else a file is: another compression, an archive, text in UTF-16.
    static Result<InputFile> open(const std::string& path);

    InputFile(InputFile&&) noexcept;
    InputFile& operator=(InputFile&&) noexcept;
    ~InputFile();

    /// Fills the front of `buffer` and returns how much; 0 only at the end. `corrupt` where the compression
    /// is damaged or ends too early; `unsupported` where a zstd frame asks for a dictionary or for more
    /// memory than is given.
    Result<std::size_t> read(std::span<char> buffer);

    /// Passes over so many decompressed bytes: a seek in a plain file, work in a compressed one. `corrupt`
    /// where the file ends before.
    Status skip(std::uint64_t bytes);

    std::uint64_t bytes_on_disk() const;
    /// How much of the file on disk has been read, for progress.
    std::uint64_t bytes_taken() const;

    /// Known at the end: bytes behind the last gzip member that are neither gzip nor zeros. They are not
    /// read, as gunzip does not; whoever reads the file says so.
    std::uint64_t ignored_bytes() const;

    /// Tells files apart (not their contents against malice): a hash of the first 4 KiB on disk.
    std::uint64_t head_hash() const;

 private:
    struct State;
    explicit InputFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace bgm
