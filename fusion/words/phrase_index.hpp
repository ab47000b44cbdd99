// The phrases of a table by their first letter, so that a text is not compared with all of them at every
// word.
//
// Built once, then shared between threads.
#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fusion/words/said_words.hpp"

namespace bgm {

class PhraseIndex {
 public:
    /// `patterns` must outlive it; `row` is what at() answers with.
    void add(Word patterns, std::size_t row) {
        if (patterns.empty()) return;
        for (const Word pattern : split_at(patterns, U'|'))
            by_first_[pattern.front()].emplace_back(pattern, row);
    }

    /// Calls `found(row, end)` for each phrase that begins at `begin`.
    template <typename Found>
    void at(std::span<const SaidWord> said, std::size_t begin, Found found) const {
        const auto phrases = by_first_.find(said[begin].text.front());
        if (phrases == by_first_.end()) return;
        for (const auto& [pattern, row] : phrases->second) {
            if (const std::size_t end = phrase_end(said, begin, pattern); end > 0) found(row, end);
        }
    }

 private:
    std::unordered_map<char32_t, std::vector<std::pair<Word, std::size_t>>> by_first_;
};

}  // namespace bgm
