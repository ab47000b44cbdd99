#include "workers/tokenizers/byte_level_tokenizer.hpp"

#include "workers/tokenizers/word_scanner.hpp"

namespace bgm {
namespace {

using reference::CharacterClass;

// The end of the run of white space at `at` as GPT-2's pattern takes it: before a word, the run's last
// character is left over, to go with the word where it is a plain space.
std::size_t spaces_end(std::string_view text, std::size_t at) {
    const std::size_t end = reference::run_end(text, at, CharacterClass::space);
    if (end == text.size()) return end;
    std::size_t last = end - 1;
    while ((static_cast<std::uint8_t>(text[last]) & 0xC0) == 0x80)
        --last;
    return last == at ? end : last;
}

std::size_t word_end(std::string_view text, std::size_t at) {
    if (const std::size_t contraction = reference::contraction_length(text, at); contraction != 0)
        return at + contraction;
    std::size_t body = at;
    if (text[at] == ' ' && at + 1 < text.size() &&
        reference::class_at(text, at + 1) != CharacterClass::space) {
        body = at + 1;
    }
    const CharacterClass word_class = reference::class_at(text, body);
    return word_class == CharacterClass::space ? spaces_end(text, at)
                                               : reference::run_end(text, body, word_class);
}

}  // namespace

void ByteLevelTokenizer::append_words(std::string_view normalised, std::size_t ids_max,
                                      std::vector<std::int64_t>& ids) const {
    std::string with_space;
    if (add_prefix_space_ && !normalised.empty() && normalised.front() != ' ') {
        with_space.assign(" ").append(normalised);
        normalised = with_space;
    }
    BytePairs::Scratch scratch;
    for (std::size_t at = 0; at < normalised.size() && ids.size() < ids_max;) {
        const std::size_t end = word_end(normalised, at);
        pairs_.append(normalised.substr(at, end - at), scratch, ids);
        at = end;
    }
}

}  // namespace bgm
