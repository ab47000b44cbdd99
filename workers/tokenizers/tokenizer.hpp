// Text to the ids that a model was trained on: start, the text's tokens, end; cut to what the model takes.
//
// Three kinds, told apart by their files: ClipTokenizer, WordPieceTokenizer (BERT), ByteLevelTokenizer
// (RoBERTa). Each follows Hugging Face's fast tokeniser of its kind to the id. Immutable: share one between
// threads. Any bytes may be encoded; what is not UTF-8 counts as U+FFFD. The time is linear in the text, a
// word of 64 KiB included (n log n), and no longer than it takes to fill length_max ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct TokenizerOptions {
    /// The reference turns "[SEP]" or "<|endoftext|>" in a text into the special token, so that whoever
    /// writes a post could end it early for the model, or pad it. False: such text is only text.
    bool special_literals = false;
    /// WordPiece only: composes the text (NFC) first. The reference does not, so that Hangul as a Mac writes
    /// it in file names, letter by letter, becomes [UNK].
    bool compose = true;
    /// The most ids that a text may have, start and end included; 0: what the directory's files say.
    std::size_t length_max = 0;

    /// As the reference does it: what parity is measured with.
    static constexpr TokenizerOptions as_reference() {
        return {.special_literals = true, .compose = false, .length_max = 0};
    }
};

/// A text that stands for one id wherever the user writes it.
struct SpecialLiteral {
    std::string text = {};
    std::int64_t id = 0;
    bool takes_space_before = false;  // "a <mask>": the space belongs to the literal
    bool takes_space_after = false;
    bool normalised = false;  // looked for in the normalised text, itself normalised
};

/// What all kinds have in common.
struct TokenizerFrame {
    std::int64_t start_id = 0;
    std::int64_t end_id = 0;
    std::int64_t pad_id = 0;
    std::size_t ids_end = 0;
    std::size_t length_max = 0;
    std::vector<SpecialLiteral> literals = {};  // empty where user text makes no special tokens
};

class Tokenizer {
 public:
    virtual ~Tokenizer() = default;

    /// At most length_max() ids: start, the text's first tokens, end.
    std::vector<std::int64_t> encode(std::string_view text) const { return encode(text, length_max()); }
    /// At most `length_max` ids, at least the two of start and end.
    std::vector<std::int64_t> encode(std::string_view text, std::size_t length_max) const;

    std::int64_t start_id() const { return frame_.start_id; }
    std::int64_t end_id() const { return frame_.end_id; }
    std::int64_t pad_id() const { return frame_.pad_id; }
    std::size_t length_max() const { return frame_.length_max; }
    /// One past the largest id: an embedding needs at least that many rows.
    std::size_t ids_end() const { return frame_.ids_end; }

 protected:
    explicit Tokenizer(TokenizerFrame frame) : frame_(std::move(frame)) {}

    /// The text as its words are looked for in it; valid UTF-8 in and out.
    virtual std::string normalise(std::string_view text) const = 0;
    /// Appends the tokens of normalised text; may stop once `ids` holds `ids_max` or more.
    virtual void append_words(std::string_view normalised, std::size_t ids_max,
                              std::vector<std::int64_t>& ids) const = 0;

 private:
    TokenizerFrame frame_;
};

/// Opens a model's directory as it was downloaded. vocab.txt means WordPiece; vocab.json with merges.txt
/// means CLIP where its tokens end in </w>, else byte-level; with neither, tokenizer.json is read.
/// `not_found` where there is none of them, `corrupt`, `too_large` or `unsupported` for a file that cannot be
/// used: the message names the file and the reason.
Result<std::unique_ptr<Tokenizer>> open_tokenizer(const std::filesystem::path& directory,
                                                  const TokenizerOptions& options = {});

}  // namespace bgm
