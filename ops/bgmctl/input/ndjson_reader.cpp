#include "ops/bgmctl/input/ndjson_reader.hpp"

#include <cstring>

#include "ops/bgmctl/input/file_kind.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

NdjsonReader::NdjsonReader(std::string path, InputFile file, std::size_t line_bytes_max,
                           std::uint64_t lines_done, std::uint64_t offset)
    : path_(std::move(path)),
      file_(std::move(file)),
      line_bytes_max_(line_bytes_max),
      lines_done_(lines_done),
      offset_(offset),
      buffer_(kBufferBytes) {}

Result<NdjsonReader> NdjsonReader::open(const std::string& path, std::size_t line_bytes_max,
                                        std::uint64_t lines_done, std::uint64_t offset) {
    auto file = InputFile::open(path);
    if (!file) return file.error();
    if (auto skipped = file->skip(offset); !skipped) return skipped.error();
    return NdjsonReader(path, std::move(*file), line_bytes_max, lines_done, offset);
}

Status NdjsonReader::look_at_first_bytes() {
    if (seen_ || end_ == 0) return ok_status();
    seen_ = true;
    const std::string_view bytes(buffer_.data(), end_);
    if (offset_ == 0) {
        const auto kind = foreign_file_kind(bytes.substr(0, kFileKindBytes), true);
        if (!kind.empty()) return Error{ErrorCode::unsupported, "what is in it is " + kind, path_};
    }
    // Old Macs end lines so. A carriage return inside JSON can only stand between its tokens.
    if (bytes.find('\n') == std::string_view::npos && bytes.find('\r') != std::string_view::npos)
        line_end_ = '\r';
    return ok_status();
}

Result<std::optional<NdjsonLine>> NdjsonReader::next() {
    NdjsonLine line;
    bool any_bytes = false;
    while (true) {
        if (begin_ == end_) {
            auto got = file_.read(buffer_);
            if (!got) return got.error();
            begin_ = 0;
            end_ = *got;
            if (end_ == 0 && !any_bytes) return std::optional<NdjsonLine>();
            if (auto seen = look_at_first_bytes(); !seen) return seen.error();
        }
        const char* start = buffer_.data() + begin_;
        const auto* line_end = static_cast<const char*>(std::memchr(start, line_end_, end_ - begin_));
        const std::size_t piece = line_end ? static_cast<std::size_t>(line_end - start) : end_ - begin_;
        const bool finished = line_end != nullptr || end_ == 0;
        if (line.too_long || line.text.size() + piece > line_bytes_max_) {
            line.too_long = true;
            line.text.clear();
        } else {
            line.text.append(start, piece);
        }
        begin_ += piece + (line_end ? 1 : 0);
        offset_ += piece + (line_end ? 1 : 0);
        any_bytes = true;
        if (!finished) continue;

        ++lines_done_;
        // The first piece read may have ended between the two of a CRLF.
        if (line_end_ == '\r' && line.text.starts_with('\n')) line.text.erase(0, 1);
        // Files that were put after each other bring theirs along.
        if (line.text.starts_with(kByteOrderMark)) line.text.erase(0, kByteOrderMark.size());
        if (line.text.ends_with('\r')) line.text.pop_back();
        if (!line.too_long && line.text.find_first_not_of(" \t") == std::string::npos) {
            line.text.clear();
            any_bytes = false;
            continue;
        }
        line.number = lines_done_;
        line.end_offset = offset_;
        return std::optional<NdjsonLine>(std::move(line));
    }
}

}  // namespace bgm
