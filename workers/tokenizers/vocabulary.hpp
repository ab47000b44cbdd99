// The tokens of a model and their ids: what a vocab.txt or a vocab.json holds, packed for look-ups.
//
// Built by add(), then only read: share it between threads as soon as it is const. The tokens lie one after
// the other in one string; an open hash table holds their ids. A vocabulary comes from outside the process:
// even a hostile one keeps look-ups short, because add() refuses tokens crafted to collide in the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

class Vocabulary {
    static constexpr std::uint64_t kHashStart = 0xCBF29CE484222325U;

 public:
    /// Ids are below this. The largest vocabularies in use have a quarter of it.
    static constexpr std::uint32_t kIdsMax = 1U << 20;

    /// Sized for about `tokens` tokens of `bytes` bytes in all; it grows past that.
    Vocabulary(std::size_t tokens, std::size_t bytes);

    /// `corrupt` for an id or a token that is there already, or an id that is out of range.
    Status add(std::string_view token, std::int64_t id);

    std::optional<std::uint32_t> find(std::string_view token) const;
    /// Empty where no token has this id.
    std::string_view token(std::size_t id) const;

    std::size_t size() const { return size_; }
    /// One past the largest id: an embedding needs that many rows.
    std::size_t ids_end() const { return tokens_.size(); }
    std::size_t longest_token_bytes() const { return longest_; }

    /// A token that is looked up while it is read: all prefixes of a word cost no more than the word itself.
    class Reading {
     public:
        explicit Reading(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}
        void append(std::string_view bytes);
        std::size_t size() const { return size_; }
        /// The id of what was read so far. `head` and `tail` are that text again, in two pieces.
        std::optional<std::uint32_t> find(std::string_view head, std::string_view tail) const;

     private:
        const Vocabulary* vocabulary_;
        std::uint64_t hash_ = kHashStart;
        std::size_t size_ = 0;
    };

 private:
    struct Place {
        std::uint32_t begin = 0;
        std::uint32_t length = kNone;
    };
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t id = kNone;
    };
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

    Status insert(std::uint64_t hash, std::uint32_t id);
    Status grow();

    std::string bytes_;
    std::vector<Place> tokens_;  // by id
    std::vector<Slot> slots_;    // a power of two of them, at most half full
    std::size_t size_ = 0;
    std::size_t longest_ = 0;
};

}  // namespace bgm
