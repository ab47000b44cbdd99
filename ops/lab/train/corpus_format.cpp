#include "ops/lab/train/corpus_format.hpp"

namespace bgm {

Result<LabelMeanings> find_meanings(const std::filesystem::path& file, const std::filesystem::path& given) {
    if (!given.empty()) return read_label_meanings(given);
    std::error_code ignored;
    auto folder = std::filesystem::absolute(file, ignored).parent_path();
    for (int level = 0; level < 4; ++level, folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / "label_to_mood13.tsv", ignored))
            return read_label_meanings(folder / "label_to_mood13.tsv");
    }
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "no label_to_mood13.tsv beside or above the file; name it",
                 .field = "--meanings"};
}

Result<std::vector<Example>> read_corpus(std::string_view format, const std::filesystem::path& file,
                                         const LabelMeanings& meanings) {
    if (format == "nsmc") return read_nsmc(file);
    if (format == "emobank") return read_emobank(file);
    if (format == "list") return read_list(file);
    if (format == "goemotions") return read_goemotions(file, meanings, false);
    if (format == "kote") return read_kote(file, file.parent_path() / "labels.txt", meanings);
    if (format == "tweets") return read_tweets(file, meanings);
    return Error{.code = ErrorCode::invalid_argument,
                 .message = "unknown format '" + std::string(format) + "'",
                 .field = "--format"};
}

bool needs_meanings(std::string_view format) {
    return format == "goemotions" || format == "kote" || format == "tweets";
}

}  // namespace bgm
