// vocab.json and tokenizer.json: megabytes, so simdjson reads them. The only file here that sees it.
#include <simdjson.h>

#include <algorithm>

#include "workers/tokenizers/tokenizer_files.hpp"

namespace bgm {
namespace {

namespace dom = simdjson::dom;
namespace fs = std::filesystem;

constexpr std::size_t kVocabularyBytesMax = 32U << 20;
constexpr std::size_t kDocumentBytesMax = 64U << 20;

Error corrupt(const fs::path& file, std::string_view why) {
    return file_error(file, ErrorCode::corrupt, why);
}

// Parsed JSON and the memory that its strings lie in.
class JsonFile {
 public:
    static Result<JsonFile> read(const fs::path& path, std::size_t bytes_max) {
        const auto mapped = map_bounded(path, bytes_max);
        if (!mapped) return mapped.error();
        JsonFile file;
        const auto* bytes = reinterpret_cast<const char*>(mapped->bytes().data());
        dom::element root;
        if (const auto failure = file.parser_->parse(bytes, mapped->bytes().size()).get(root))
            return corrupt(path, simdjson::error_message(failure));
        if (root.get(file.root_) != simdjson::SUCCESS) return corrupt(path, "it is not a JSON object");
        return file;
    }
    const dom::object& root() const { return root_; }

 private:
    JsonFile() = default;
    // On the heap: elements point at their parser.
    std::unique_ptr<dom::parser> parser_ = std::make_unique<dom::parser>();
    dom::object root_;
};

// Absent, null and of another type are the same: nullopt.
template <typename T>
std::optional<T> value_of(const dom::object& object, std::string_view key) {
    T value{};
    if (object[key].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

std::string_view text_of(const dom::object& object, std::string_view key) {
    return value_of<std::string_view>(object, key).value_or(std::string_view());
}

Result<Vocabulary> vocabulary_of(const fs::path& file, const dom::object& tokens) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (const auto& [token, id] : tokens) {
        ++count;
        bytes += token.size();
    }
    Vocabulary vocabulary(count, bytes);
    for (const auto& [token, id] : tokens) {
        std::int64_t number = 0;
        if (id.get(number) != simdjson::SUCCESS)
            return corrupt(file, "the id of a token is not a whole number");
        if (auto added = vocabulary.add(token, number); !added) return corrupt(file, added.error().message);
    }
    return vocabulary;
}

// "left right", or since 2024 ["left", "right"].
Result<MergeList> merges_of(const fs::path& file, const dom::array& array) {
    std::vector<std::pair<std::string_view, std::string_view>> pairs;
    std::size_t bytes = 0;
    for (const dom::element& element : array) {
        std::string_view line;
        dom::array two;
        std::pair<std::string_view, std::string_view> pair;
        if (element.get(line) == simdjson::SUCCESS) {
            const std::size_t space = line.find(' ');
            if (space == std::string_view::npos) return corrupt(file, "a merge is not two tokens");
            pair = {line.substr(0, space), line.substr(space + 1)};
        } else if (element.get(two) != simdjson::SUCCESS || two.size() != 2 ||
                   two.at(0).get(pair.first) != simdjson::SUCCESS ||
                   two.at(1).get(pair.second) != simdjson::SUCCESS) {
            return corrupt(file, "a merge is not two tokens");
        }
        bytes += pair.first.size() + pair.second.size();
        pairs.push_back(pair);
    }
    MergeList list;
    list.text.reserve(bytes);  // the views stay valid: it does not grow
    const auto keep = [&](std::string_view token) {
        const std::size_t begin = list.text.size();
        list.text.insert(list.text.end(), token.begin(), token.end());
        return std::string_view(list.text.data() + begin, token.size());
    };
    list.merges.reserve(pairs.size());
    for (const auto& [left, right] : pairs) {
        const std::string_view kept_left = keep(left);
        list.merges.push_back({kept_left, keep(right)});
    }
    return list;
}

Result<std::vector<SpecialLiteral>> specials_of(const fs::path& file, const dom::object& root) {
    std::vector<SpecialLiteral> specials;
    const auto added = value_of<dom::array>(root, "added_tokens");
    if (!added) return specials;
    for (const dom::element& element : *added) {
        dom::object token;
        if (element.get(token) != simdjson::SUCCESS) return corrupt(file, "an added token is not an object");
        if (!value_of<bool>(token, "special").value_or(false)) continue;
        const auto id = value_of<std::int64_t>(token, "id");
        const std::string_view text = text_of(token, "content");
        if (!id || *id < 0 || *id >= Vocabulary::kIdsMax || text.empty())
            return corrupt(file, "an added token has no content, or an id that is out of range");
        specials.push_back({.text = std::string(text),
                            .id = *id,
                            .takes_space_before = value_of<bool>(token, "lstrip").value_or(false),
                            .takes_space_after = value_of<bool>(token, "rstrip").value_or(false),
                            .normalised = value_of<bool>(token, "normalized").value_or(false)});
    }
    return specials;
}

Result<WordPieceRules> word_piece_rules_of(const fs::path& file, const dom::object& root,
                                           const dom::object& model) {
    const auto normalizer = value_of<dom::object>(root, "normalizer");
    if (!normalizer || text_of(*normalizer, "type") != "BertNormalizer")
        return file_error(file, ErrorCode::unsupported, "WordPiece without BERT's normalizer");
    WordPieceRules rules;
    rules.lower_case = value_of<bool>(*normalizer, "lowercase").value_or(true);
    rules.strip_accents = value_of<bool>(*normalizer, "strip_accents").value_or(rules.lower_case);
    rules.split_ideographs = value_of<bool>(*normalizer, "handle_chinese_chars").value_or(true);
    rules.clean_up = value_of<bool>(*normalizer, "clean_text").value_or(true);
    rules.continuation = value_of<std::string_view>(model, "continuing_subword_prefix").value_or("##");
    rules.word_characters_max = static_cast<std::size_t>(std::clamp<std::int64_t>(
        value_of<std::int64_t>(model, "max_input_chars_per_word").value_or(100), 1, 1000));
    return rules;
}

// ByteLevel's flag, wherever it stands among the pre-tokenizers; nullopt where the words are not of bytes.
std::optional<bool> prefix_space_of(const dom::object& root) {
    const auto flag_of = [](const dom::object& one) -> std::optional<bool> {
        if (text_of(one, "type") != "ByteLevel") return std::nullopt;
        return value_of<bool>(one, "add_prefix_space").value_or(true);
    };
    const auto outer = value_of<dom::object>(root, "pre_tokenizer");
    if (!outer) return std::nullopt;
    if (const auto flag = flag_of(*outer)) return flag;
    const auto inner = value_of<dom::array>(*outer, "pretokenizers");
    if (!inner) return std::nullopt;
    for (const dom::element& element : *inner) {
        dom::object one;
        if (element.get(one) != simdjson::SUCCESS) continue;
        if (const auto flag = flag_of(one)) return flag;
    }
    return std::nullopt;
}

Status refuse_foreign(const fs::path& file, const dom::object& model) {
    for (const std::string_view flag : {"byte_fallback", "ignore_merges", "fuse_unk"}) {
        if (value_of<bool>(model, flag).value_or(false))
            return file_error(file, ErrorCode::unsupported, std::string(flag) + " is set");
    }
    if (!text_of(model, "continuing_subword_prefix").empty())
        return file_error(file, ErrorCode::unsupported, "byte pairs with a continuing_subword_prefix");
    return ok_status();
}

}  // namespace

Result<Vocabulary> read_vocabulary_json(const fs::path& file) {
    const auto json = JsonFile::read(file, kVocabularyBytesMax);
    if (!json) return json.error();
    return vocabulary_of(file, json->root());
}

Result<TokenizerDocument> read_tokenizer_document(const fs::path& file) {
    const auto json = JsonFile::read(file, kDocumentBytesMax);
    if (!json) return json.error();
    const dom::object& root = json->root();
    const auto model = value_of<dom::object>(root, "model");
    if (!model) return corrupt(file, "it has no model");
    const auto tokens = value_of<dom::object>(*model, "vocab");
    if (!tokens)
        return file_error(file, ErrorCode::unsupported, "its model is neither WordPiece nor byte pairs");
    auto vocabulary = vocabulary_of(file, *tokens);
    if (!vocabulary) return vocabulary.error();

    TokenizerDocument document{.vocabulary = std::move(*vocabulary)};
    document.unknown = text_of(*model, "unk_token");
    auto specials = specials_of(file, root);
    if (!specials) return specials.error();
    document.specials = std::move(*specials);
    if (const auto array = value_of<dom::array>(*model, "merges")) {
        if (auto status = refuse_foreign(file, *model); !status) return status.error();
        auto merges = merges_of(file, *array);
        if (!merges) return merges.error();
        document.merges = std::move(*merges);
        document.word_end = text_of(*model, "end_of_word_suffix");
        const auto prefix_space = prefix_space_of(root);
        if (!prefix_space) return file_error(file, ErrorCode::unsupported, "its byte pairs are not of bytes");
        document.add_prefix_space = *prefix_space;
    } else {
        auto rules = word_piece_rules_of(file, root, *model);
        if (!rules) return rules.error();
        document.word_piece = std::move(*rules);
    }
    return document;
}

}  // namespace bgm
