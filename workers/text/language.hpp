// Which language a post is in, as far as the text encoder needs to know: Korean, English, or one it was not
// trained on.
//
// Scripts decide most cases. Latin text is decided by its function words (and everyday words of chat) in
// English and in the other languages that Latin-script posts come in most, and by letters that English does
// not have. Text without a letter (emoji only, digits only) has no language. Pure; any number of threads.
#pragma once

#include <cstdint>
#include <string_view>

#include "workers/text/normalise.hpp"

namespace bgm {

enum class Language : std::uint8_t { korean, english, other, none };

struct LanguageGuess {
    Language language = Language::none;
    /// False where there was too little to go by and the answer is a default or the client's hint: the caller
    /// may know better, for instance because the words are none that it has ever seen.
    bool certain = false;
};

/// "ko", "en", "other"; none is "other" too.
std::string_view name(Language language);

/// `hint` is a BCP 47 tag from the client, or empty. It decides only what the text leaves open.
LanguageGuess detect_language(const NormalisedText& text, std::string_view hint = {});

}  // namespace bgm
