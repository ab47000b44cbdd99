// Which words of a text are denied: "happy" in "not a happy day", "nobody was happy", "hardly happy".
//
// English denies what follows, to the end of the clause or seven words on. Korean denies what stands before
// (-지 않다, 없다, 아니다; three words, or to the clause before) or the word behind (안, 못). What is denied
// twice is not denied: "never fails to please".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "workers/text/normalise.hpp"

namespace bgm {

/// One number a token of `text`: 1 if it is denied, else 0. Linear in the length of the text.
void find_denied(const NormalisedText& text, std::vector<std::uint8_t>& denied);

}  // namespace bgm
