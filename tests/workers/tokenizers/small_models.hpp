// Model directories with vocabularies that fit a test: made by it, gone after it.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/ops/bgmctl/temporary_folder.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm::test {

/// A vocabulary in the making, and the merges that go with it.
struct SmallBytePairs {
    std::vector<std::string> tokens = {};  // the id is the place
    std::vector<std::pair<std::string, std::string>> merges = {};

    std::int64_t id(const std::string& token) const;
    nlohmann::json vocabulary_json() const;
    std::string merges_text() const;
};

/// All bytes, all bytes with </w>, CLIP's two special tokens, and what the merges make.
SmallBytePairs small_clip(std::vector<std::pair<std::string, std::string>> merges);
/// All bytes, RoBERTa's five special tokens, and what the merges make.
SmallBytePairs small_byte_level(std::vector<std::pair<std::string, std::string>> merges);

/// [PAD] [UNK] [CLS] [SEP] [MASK], then `tokens`.
std::string vocabulary_lines(const std::vector<std::string>& tokens);
inline constexpr std::int64_t kPad = 0;
inline constexpr std::int64_t kUnknown = 1;
inline constexpr std::int64_t kStart = 2;
inline constexpr std::int64_t kEnd = 3;
inline constexpr std::int64_t kMask = 4;
inline constexpr std::int64_t kFirst = 5;  // the first of `tokens`

/// vocab.json and merges.txt.
void write_byte_pairs(const TemporaryFolder& folder, const SmallBytePairs& pairs);

std::unique_ptr<Tokenizer> open(const TemporaryFolder& folder, const TokenizerOptions& options = {});
/// The message of the error that opening gives, "" where it opens.
std::string error_of_opening(const TemporaryFolder& folder);

/// `text`, `times` times.
std::string repeated(std::string_view text, std::size_t times);

}  // namespace bgm::test
