// The small configuration files. simdjson would refuse them: transformers writes 10^30 for "no limit", which
// fits no integer.
#include <nlohmann/json.hpp>

#include "workers/tokenizers/tokenizer_files.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kBytesMax = 1U << 20;
constexpr std::int64_t kLengthMax = 1 << 16;  // past this, no limit is meant

// A null value where there is no such file.
Result<json> read_object(const std::filesystem::path& file) {
    const auto mapped = map_bounded(file, kBytesMax);
    if (!mapped && mapped.error().code == ErrorCode::not_found) return json();
    if (!mapped) return mapped.error();
    const auto* bytes = reinterpret_cast<const char*>(mapped->bytes().data());
    json object = json::parse(bytes, bytes + mapped->bytes().size(), nullptr, false);
    if (!object.is_object()) return file_error(file, ErrorCode::corrupt, "it is not a JSON object");
    return object;
}

// null, as transformers writes it for "the default", is the same as absent.
void read_flag(const json& object, const char* key, std::optional<bool>& flag) {
    if (object.contains(key) && object[key].is_boolean()) flag = object[key].get<bool>();
}

void read_length(const json& object, const char* key, std::optional<std::size_t>& length) {
    if (!object.contains(key) || !object[key].is_number_integer()) return;
    const auto value = object[key].get<std::int64_t>();
    if (value >= 3 && value <= kLengthMax) length = static_cast<std::size_t>(value);
}

}  // namespace

Result<TokenizerSettings> read_tokenizer_settings(const std::filesystem::path& directory) {
    const auto tokenizer = read_object(directory / "tokenizer_config.json");
    if (!tokenizer) return tokenizer.error();
    const auto sentence = read_object(directory / "sentence_bert_config.json");
    if (!sentence) return sentence.error();
    TokenizerSettings settings;
    read_flag(*tokenizer, "do_lower_case", settings.lower_case);
    read_flag(*tokenizer, "strip_accents", settings.strip_accents);
    read_flag(*tokenizer, "tokenize_chinese_chars", settings.split_ideographs);
    read_flag(*tokenizer, "add_prefix_space", settings.add_prefix_space);
    read_length(*tokenizer, "model_max_length", settings.length_max);
    read_length(*sentence, "max_seq_length", settings.length_max);  // has the last word
    return settings;
}

}  // namespace bgm
