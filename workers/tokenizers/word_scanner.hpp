// What the word patterns of CLIP and GPT-2 share: contractions, and runs of one class of characters.
//
// Pure; any number of threads. Text is valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

#include "workers/tokenizers/characters.hpp"

namespace bgm::reference {

/// The bytes of the contraction that starts at `at`: 's 't 're 've 'm 'll 'd, in lower case only; else 0.
std::size_t contraction_length(std::string_view text, std::size_t at);

/// Where the run of characters of one class ends that starts at `at`.
std::size_t run_end(std::string_view text, std::size_t at, CharacterClass wanted);

/// The class of the character that starts at `at`.
inline CharacterClass class_at(std::string_view text, std::size_t at) {
    return class_of(next_character(text, at));
}

}  // namespace bgm::reference
