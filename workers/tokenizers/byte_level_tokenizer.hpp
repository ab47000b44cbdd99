// The tokeniser of RoBERTa (CLAP's text tower): GPT-2's words with the space before them, byte pairs.
//
// As RobertaTokenizerFast: the text as it is; words are contractions, and runs of letters, of numbers or of
// anything else, each with one space before it, and what white space is left.
#pragma once

#include "workers/tokenizers/byte_pairs.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {

class ByteLevelTokenizer final : public Tokenizer {
 public:
    /// `add_prefix_space`: a text that does not start with a space is given one.
    ByteLevelTokenizer(TokenizerFrame frame, BytePairs pairs, bool add_prefix_space)
        : Tokenizer(std::move(frame)), pairs_(std::move(pairs)), add_prefix_space_(add_prefix_space) {}

 private:
    std::string normalise(std::string_view text) const override { return std::string(text); }
    void append_words(std::string_view normalised, std::size_t ids_max,
                      std::vector<std::int64_t>& ids) const override;

    BytePairs pairs_;
    bool add_prefix_space_;
};

}  // namespace bgm
