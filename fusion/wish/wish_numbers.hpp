// The numbers of a wish: eras ("90s", "2000년 이후"), tempo ("over 120 bpm"), how many tracks, and how long
// they may be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fusion/words/said_words.hpp"

namespace bgm {

struct WishNumber {
    enum class Kind : std::uint8_t { era, tempo, tracks, minutes } kind = Kind::era;
    std::uint32_t from = 0,
                  to = 0;  // 0 = open; of `tracks`, `from` is the number; of `minutes`, `to` the most
    std::size_t begin = 0, end = 0;  // the words that say it
};

/// What the number at `at` counts; nothing where that is unclear. It may take words before it ("over").
std::optional<WishNumber> number_at(std::span<const SaidWord> said, std::size_t at);

}  // namespace bgm
