#include "workers/tokenizers/tokenizer_files.hpp"

#include <algorithm>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLinesBytesMax = 32U << 20;

// Calls line(text, number from 0) for each line, without its end, until it fails.
template <typename Line>
Status each_line(std::string_view text, const Line& line) {
    for (std::size_t number = 0; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view content = text.substr(0, end);
        if (content.ends_with('\r')) content.remove_suffix(1);
        if (auto status = line(content, number); !status) return status;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return ok_status();
}

Result<MappedFile> map_lines(const std::filesystem::path& file) {
    auto mapped = map_bounded(file, kLinesBytesMax);
    if (mapped && !valid_utf8(mapped->text()))
        return file_error(file, ErrorCode::corrupt, "it is not valid UTF-8");
    return mapped;
}

}  // namespace

Error file_error(const std::filesystem::path& file, ErrorCode code, std::string_view why) {
    return Error{.code = code, .message = file.string() + ": " + std::string(why)};
}

Result<MappedFile> map_bounded(const std::filesystem::path& file, std::size_t bytes_max) {
    auto mapped = MappedFile::open(file);
    if (!mapped && mapped.error().code == ErrorCode::not_found)
        return file_error(file, ErrorCode::not_found, "there is no such file");
    if (!mapped && mapped.error().code == ErrorCode::unsupported)
        return file_error(file, ErrorCode::corrupt, "it is not a plain file");
    if (!mapped) return mapped;
    if (mapped->bytes().empty()) return file_error(file, ErrorCode::corrupt, "empty, or not a plain file");
    if (mapped->bytes().size() > bytes_max) {
        return file_error(file, ErrorCode::too_large,
                          "it has " + std::to_string(mapped->bytes().size()) + " bytes; at most " +
                              std::to_string(bytes_max) + " are read");
    }
    return mapped;
}

Result<Vocabulary> read_vocabulary_lines(const std::filesystem::path& file) {
    const auto mapped = map_lines(file);
    if (!mapped) return mapped.error();
    const std::string_view text = mapped->text();
    Vocabulary vocabulary(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1,
                          text.size());
    auto status = each_line(text, [&](std::string_view token, std::size_t number) {
        return token.empty() ? ok_status() : vocabulary.add(token, static_cast<std::int64_t>(number));
    });
    if (!status) return file_error(file, status.error().code, status.error().message);
    return vocabulary;
}

Result<MergeList> read_merges(const std::filesystem::path& file) {
    const auto mapped = map_lines(file);
    if (!mapped) return mapped.error();
    MergeList list;
    const std::string_view in_file = mapped->text();
    list.text.assign(in_file.begin(), in_file.end());
    const std::string_view text(list.text.data(), list.text.size());
    auto status = each_line(text, [&](std::string_view line, std::size_t number) -> Status {
        if (line.empty() || (number == 0 && line.starts_with("#version"))) return ok_status();
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
            return file_error(file, ErrorCode::corrupt,
                              "line " + std::to_string(number + 1) + " is not two tokens");
        }
        list.merges.push_back({line.substr(0, space), line.substr(space + 1)});
        return ok_status();
    });
    if (!status) return status.error();
    return list;
}

}  // namespace bgm
