// BERT's tokeniser: words cut at spaces and punctuation, each put together from the longest pieces that the
// vocabulary has.
//
// As BertTokenizerFast, cased and uncased. A word of more than 100 characters, or with a piece that is
// missing, is [UNK] as a whole.
#pragma once

#include <span>

#include "workers/tokenizers/tokenizer.hpp"
#include "workers/tokenizers/vocabulary.hpp"

namespace bgm {

struct WordPieceRules {
    bool lower_case = false;
    bool strip_accents = false;
    bool split_ideographs = true;  // each is a word of its own
    bool clean_up = true;          // drop controls, make every space a plain one
    bool compose = false;          // see TokenizerOptions::compose
    std::size_t word_characters_max = 100;
    std::string continuation = "##";  // how a piece within a word starts
};

class WordPieceTokenizer final : public Tokenizer {
 public:
    WordPieceTokenizer(TokenizerFrame frame, Vocabulary vocabulary, WordPieceRules rules,
                       std::int64_t unknown_id)
        : Tokenizer(std::move(frame)),
          vocabulary_(std::move(vocabulary)),
          rules_(std::move(rules)),
          unknown_id_(unknown_id) {}

    /// The text that ids stand for, as the reference writes it: pieces joined, no space before . ? ! , nor in
    /// contractions. Start, end, padding and ids without a token are left out.
    std::string decode(std::span<const std::int64_t> ids) const;

 private:
    std::string normalise(std::string_view text) const override;
    void append_words(std::string_view normalised, std::size_t ids_max,
                      std::vector<std::int64_t>& ids) const override;
    void append_word(std::string_view word, std::vector<std::int64_t>& ids) const;

    Vocabulary vocabulary_;
    WordPieceRules rules_;
    std::int64_t unknown_id_;
};

/// As open_tokenizer(), for whoever needs decode(); `unsupported` where the directory holds another kind.
Result<std::unique_ptr<WordPieceTokenizer>> open_word_piece_tokenizer(const std::filesystem::path& directory,
                                                                      const TokenizerOptions& options = {});

}  // namespace bgm
