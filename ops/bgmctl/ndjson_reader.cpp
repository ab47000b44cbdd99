#include "ops/bgmctl/ndjson_reader.hpp"

#include <cstring>

namespace bgm {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

NdjsonReader::NdjsonReader(InputFile file, std::size_t line_bytes_max, std::uint64_t lines_done,
                           std::uint64_t offset)
    : file_(std::move(file)),
      line_bytes_max_(line_bytes_max),
      lines_done_(lines_done),
      offset_(offset),
      buffer_(kBufferBytes) {}

Result<NdjsonReader> NdjsonReader::open(const std::string& path, std::size_t line_bytes_max,
                                        std::uint64_t lines_done, std::uint64_t offset) {
    auto file = InputFile::open(path);
    if (!file) return file.error();
    if (auto skipped = file->skip(offset); !skipped) return skipped.error();
    return NdjsonReader(std::move(*file), line_bytes_max, lines_done, offset);
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
        }
        const char* start = buffer_.data() + begin_;
        const auto* line_end = static_cast<const char*>(std::memchr(start, '\n', end_ - begin_));
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
        if (lines_done_ == 1 && line.text.starts_with(kByteOrderMark))
            line.text.erase(0, kByteOrderMark.size());
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
