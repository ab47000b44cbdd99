#include "tests/workers/tokenizers/small_models.hpp"

#include <algorithm>
#include <stdexcept>

#include "workers/tokenizers/byte_pairs.hpp"

namespace bgm::test {
namespace {

SmallBytePairs with_merges(SmallBytePairs pairs, std::vector<std::pair<std::string, std::string>> merges) {
    for (const auto& [left, right] : merges)
        pairs.tokens.push_back(left + right);
    pairs.merges = std::move(merges);
    return pairs;
}

void add_bytes(SmallBytePairs& pairs, const std::string& suffix) {
    for (unsigned byte = 0; byte < 256; ++byte)
        pairs.tokens.push_back(byte_symbol(static_cast<std::uint8_t>(byte)) + suffix);
}

}  // namespace

std::int64_t SmallBytePairs::id(const std::string& token) const {
    const auto found = std::find(tokens.begin(), tokens.end(), token);
    if (found == tokens.end()) throw std::logic_error("no token " + token);
    return found - tokens.begin();
}

nlohmann::json SmallBytePairs::vocabulary_json() const {
    nlohmann::json json = nlohmann::json::object();
    for (std::size_t i = 0; i < tokens.size(); ++i)
        json[tokens[i]] = i;
    return json;
}

std::string SmallBytePairs::merges_text() const {
    std::string text = "#version: 0.2\n";
    for (const auto& [left, right] : merges)
        text += left + " " + right + "\n";
    return text;
}

SmallBytePairs small_clip(std::vector<std::pair<std::string, std::string>> merges) {
    SmallBytePairs pairs;
    add_bytes(pairs, "");
    add_bytes(pairs, "</w>");
    pairs.tokens.insert(pairs.tokens.end(), {"<|startoftext|>", "<|endoftext|>"});
    return with_merges(std::move(pairs), std::move(merges));
}

SmallBytePairs small_byte_level(std::vector<std::pair<std::string, std::string>> merges) {
    SmallBytePairs pairs{.tokens = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}};
    add_bytes(pairs, "");
    return with_merges(std::move(pairs), std::move(merges));
}

std::string vocabulary_lines(const std::vector<std::string>& tokens) {
    std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const std::string& token : tokens)
        text += token + "\n";
    return text;
}

void write_byte_pairs(const TemporaryFolder& folder, const SmallBytePairs& pairs) {
    folder.write("vocab.json", pairs.vocabulary_json().dump());
    folder.write("merges.txt", pairs.merges_text());
}

std::unique_ptr<Tokenizer> open(const TemporaryFolder& folder, const TokenizerOptions& options) {
    auto tokenizer = open_tokenizer(folder.file(""), options);
    if (!tokenizer) throw std::runtime_error(tokenizer.error().to_string());
    return *std::move(tokenizer);
}

std::string error_of_opening(const TemporaryFolder& folder) {
    const auto tokenizer = open_tokenizer(folder.file(""));
    return tokenizer ? "" : tokenizer.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    result.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        result.append(text);
    return result;
}

}  // namespace bgm::test
