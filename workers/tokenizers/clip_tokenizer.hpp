// The tokeniser of CLIP's English text tower: lower-cased words, byte pairs that end in </w>.
//
// As CLIPTokenizerFast: NFC, runs of white space to one space, each character lower-cased by itself; then
// words are contractions ('s 't 're 've 'm 'll 'd), runs of letters, single digits, runs of anything else. No
// ftfy and no HTML entities: those are of OpenAI's own tokeniser and of the slow one.
#pragma once

#include "workers/tokenizers/byte_pairs.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {

class ClipTokenizer final : public Tokenizer {
 public:
    ClipTokenizer(TokenizerFrame frame, BytePairs pairs)
        : Tokenizer(std::move(frame)), pairs_(std::move(pairs)) {}

 private:
    std::string normalise(std::string_view text) const override;
    void append_words(std::string_view normalised, std::size_t ids_max,
                      std::vector<std::int64_t>& ids) const override;

    BytePairs pairs_;
};

}  // namespace bgm
