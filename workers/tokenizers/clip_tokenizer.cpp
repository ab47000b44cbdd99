#include "workers/tokenizers/clip_tokenizer.hpp"

#include "workers/tokenizers/word_scanner.hpp"

namespace bgm {

using reference::CharacterClass;

std::string ClipTokenizer::normalise(std::string_view text) const {
    const std::string composed = reference::compose(text);
    std::string normalised;
    normalised.reserve(composed.size());
    for (std::size_t at = 0; at < composed.size();) {
        if (reference::class_at(composed, at) == CharacterClass::space) {
            at = reference::run_end(composed, at, CharacterClass::space);
            normalised.push_back(' ');
        } else {
            reference::append_lower(normalised, reference::next_character(composed, at));
        }
    }
    return normalised;
}

void ClipTokenizer::append_words(std::string_view normalised, std::size_t ids_max,
                                 std::vector<std::int64_t>& ids) const {
    BytePairs::Scratch scratch;
    for (std::size_t at = 0; at < normalised.size() && ids.size() < ids_max;) {
        const CharacterClass word_class = reference::class_at(normalised, at);
        std::size_t end = at + reference::contraction_length(normalised, at);
        if (end == at) {
            if (word_class == CharacterClass::number) {
                end = at;
                reference::next_character(normalised, end);
            } else {
                end = reference::run_end(normalised, at, word_class);
            }
        }
        if (word_class != CharacterClass::space) pairs_.append(normalised.substr(at, end - at), scratch, ids);
        at = end;
    }
}

}  // namespace bgm
