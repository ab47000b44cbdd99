// One line at a time out of a file of JSON lines, with the place where the next one begins. Lines end with
// LF, CRLF, or, in a file that has no LF at its beginning, with CR.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/bgmctl/input/input_file.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct NdjsonLine {
    std::uint64_t number = 0;      // from 1, empty lines count
    std::uint64_t end_offset = 0;  // where the next line begins, in decompressed bytes
    std::string text;              // without its line end and without a byte order mark before it
    bool too_long = false;         // longer than the limit: passed over, `text` is empty
};

class NdjsonReader {
 public:
    /// Begins after `lines_done` lines, which end at `offset` (a place that an earlier line gave as its end).
    static Result<NdjsonReader> open(const std::string& path, std::size_t line_bytes_max,
                                     std::uint64_t lines_done = 0, std::uint64_t offset = 0);

    /// The next line that is not empty; nothing at the end. A last line without a line end counts.
    Result<std::optional<NdjsonLine>> next();

    const InputFile& file() const { return file_; }

 private:
    NdjsonReader(std::string path, InputFile file, std::size_t line_bytes_max, std::uint64_t lines_done,
                 std::uint64_t offset);
    Status look_at_first_bytes();

    std::string path_;
    InputFile file_;
    std::size_t line_bytes_max_;
    std::uint64_t lines_done_;
    std::uint64_t offset_;
    std::vector<char> buffer_;
    bool seen_ = false;  // the first bytes
    char line_end_ = '\n';
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace bgm
