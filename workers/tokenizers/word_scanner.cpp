#include "workers/tokenizers/word_scanner.hpp"

#include <array>

namespace bgm::reference {

std::size_t contraction_length(std::string_view text, std::size_t at) {
    static constexpr std::array<std::string_view, 7> kContractions{"'s", "'t",  "'re", "'ve",
                                                                   "'m", "'ll", "'d"};
    if (text[at] != '\'') return 0;
    for (const std::string_view contraction : kContractions) {
        if (text.substr(at).starts_with(contraction)) return contraction.size();
    }
    return 0;
}

std::size_t run_end(std::string_view text, std::size_t at, CharacterClass wanted) {
    while (at < text.size()) {
        std::size_t next = at;
        if (class_of(next_character(text, next)) != wanted) break;
        at = next;
    }
    return at;
}

}  // namespace bgm::reference
