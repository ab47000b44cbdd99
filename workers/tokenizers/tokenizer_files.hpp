// What a model's tokeniser files say, as plain values. Files come from outside the process: sizes are
// checked before memory is taken, and an error names the file.
//
// Free functions; any number of threads. Errors: `not_found`, `too_large`, `corrupt`, `unsupported`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/mapped_file.hpp"
#include "schemas/result.hpp"
#include "workers/tokenizers/byte_pairs.hpp"
#include "workers/tokenizers/tokenizer.hpp"
#include "workers/tokenizers/vocabulary.hpp"
#include "workers/tokenizers/word_piece_tokenizer.hpp"

namespace bgm {

Error file_error(const std::filesystem::path& file, ErrorCode code, std::string_view why);

/// A plain file of at most `bytes_max` bytes.
Result<MappedFile> map_bounded(const std::filesystem::path& file, std::size_t bytes_max);

/// Merges in their order. They point into `text`.
struct MergeList {
    std::vector<char> text = {};
    std::vector<Merge> merges = {};
};

/// vocab.txt: a token a line, its id is the line's number from 0.
Result<Vocabulary> read_vocabulary_lines(const std::filesystem::path& file);
/// vocab.json: an object of tokens and ids.
Result<Vocabulary> read_vocabulary_json(const std::filesystem::path& file);
/// merges.txt: "left right" a line, after a line "#version ...".
Result<MergeList> read_merges(const std::filesystem::path& file);

/// tokenizer.json: everything in one file.
struct TokenizerDocument {
    Vocabulary vocabulary;
    std::optional<MergeList> merges = {};  // none: WordPiece
    std::string word_end = {};             // what the last symbol of a word carries
    std::string unknown = {};              // "[UNK]"; empty: none
    bool add_prefix_space = false;
    WordPieceRules word_piece = {};
    std::vector<SpecialLiteral> specials = {};
};
Result<TokenizerDocument> read_tokenizer_document(const std::filesystem::path& file);

/// What tokenizer_config.json and sentence_bert_config.json add. A missing file is no error.
struct TokenizerSettings {
    std::optional<bool> lower_case = {};
    std::optional<bool> strip_accents = {};
    std::optional<bool> split_ideographs = {};
    std::optional<bool> add_prefix_space = {};
    std::optional<std::size_t> length_max = {};
};
Result<TokenizerSettings> read_tokenizer_settings(const std::filesystem::path& directory);

}  // namespace bgm
