// Byte-pair encoding over bytes: a word's bytes become symbols, and the pairs that training saw most are
// joined, the most frequent first (Sennrich et al. 2016; bytes instead of characters as in GPT-2).
//
// Made from a vocabulary and its merges, then only read: share it between threads; each thread has a Scratch.
// A word may be of any length: n log n.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "workers/tokenizers/vocabulary.hpp"

namespace bgm {

/// One line of merges.txt.
struct Merge {
    std::string_view left;
    std::string_view right;
};

class BytePairs {
 public:
    /// `word_end` is what the last symbol of a word carries: "</w>", or nothing. A byte that the vocabulary
    /// does not have becomes `unknown_id`, or is left out where there is none, as the reference does it.
    /// `corrupt` where a merge names tokens that the vocabulary does not have, or is there twice.
    static Result<BytePairs> make(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
                                  std::string_view word_end, std::optional<std::uint32_t> unknown_id);

    /// Kept between words for its memory only.
    class Scratch {
        friend class BytePairs;
        struct Symbol {
            std::uint32_t id;
            std::int32_t previous;
            std::int32_t next;  // -1: the last
            bool joined;        // to the one before it
        };
        struct Candidate {
            std::uint32_t rank;
            std::int32_t place;
            std::uint32_t id;  // of the pair, once joined
        };
        std::vector<Symbol> symbols_;
        std::vector<Candidate> candidates_;  // a heap
    };

    /// Appends the ids of one word, as UTF-8.
    void append(std::string_view word, Scratch& scratch, std::vector<std::int64_t>& ids) const;

 private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    struct Slot {
        std::uint64_t pair = ~std::uint64_t{0};
        std::uint32_t rank = kNone;
        std::uint32_t id = kNone;
    };

    explicit BytePairs(std::size_t merges);
    Status add(std::uint32_t left, std::uint32_t right, std::uint32_t rank, std::uint32_t id);
    const Slot* find(std::uint32_t left, std::uint32_t right) const;
    void offer(Scratch& scratch, std::int32_t place) const;
    void join_all(Scratch& scratch) const;

    std::vector<Slot> slots_;  // a power of two of them, at most half full
    unsigned shift_ = 0;
    std::array<std::uint32_t, 256> symbols_{};       // by byte
    std::array<std::uint32_t, 256> last_symbols_{};  // by byte, at the end of a word
    std::optional<std::uint32_t> unknown_id_;
};

/// The character that stands for a byte in vocab.json: itself where it is printable Latin-1, else one of
/// U+0100 and up. As UTF-8.
std::string byte_symbol(std::uint8_t byte);

}  // namespace bgm
