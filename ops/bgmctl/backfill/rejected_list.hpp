// FILE.rejected.ndjson: the lines of a backfill that were not taken, each with its number, the field and the
// reason.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

struct Rejection {
    std::uint64_t line_number = 0;
    std::string post_id;  // empty where the line holds none
    std::string code;
    std::string field;
    std::string message;
};

class RejectedList {
 public:
    /// Keeps the first `bytes_kept` bytes of the file and cuts off the rest, which was written after the last
    /// checkpoint and will be written again. Creates no file before there is something to write.
    static Result<RejectedList> open(const std::string& path, std::uint64_t bytes_kept);

    Status add(const Rejection& rejection);

    /// After it returns, what was added survives a power cut.
    Status sync();
    std::uint64_t bytes() const { return bytes_; }

 private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    explicit RejectedList(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}
    Error failed() const;

    std::string path_;
    std::uint64_t bytes_;
    std::unique_ptr<std::FILE, CloseFile> file_;
};

}  // namespace bgm
