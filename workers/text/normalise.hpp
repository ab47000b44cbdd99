// A post as tokens: what the language detector and the feature extractor read.
//
// Built on clean_text(). URLs, @mentions, user names and [NAME] placeholders become tokens without content
// (whom a post is about says nothing of its mood, and no user name may leave a trace in an embedding);
// hashtags are split
// (#SoHappy -> so happy); elongations are shortened to two and marked (soooo -> soo, ㅋㅋㅋㅋ -> ㅋㅋ, !!!!
// -> !!); case is folded and shouting marked; emoticons of both cultures ( :-) ^^ ㅡㅡ T_T ) are single
// tokens. Pure; any number of threads; linear in the length of the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

enum class TokenKind : std::uint8_t {
    word,         // letters of any script but Hangul syllables, with inner apostrophes and digits
    hangul,       // Hangul syllables
    jamo,         // loose Hangul letters: ㅋㅋ ㅠㅠ ㅇㅈ
    number,       // digits
    emoji,        // one pictograph, or both halves of a flag
    emoticon,     // :-) and friends, under one name for all spellings
    punctuation,  // a run of one mark
    url,
    mention,
    placeholder,  // [NAME] and other bracketed stand-ins of published data sets
};

struct Token {
    std::uint32_t begin = 0;  // into NormalisedText::text
    std::uint32_t end = 0;
    TokenKind kind = TokenKind::word;
    bool shouted = false;    // two letters or more, all of them capitals
    bool elongated = false;  // something in it was repeated three times or more (two for jamo)
    bool hashtag = false;    // stood behind a '#'
    bool glued = false;      // no space between it and the token before it
};

struct NormalisedText {
    std::u32string text;  // the tokens' characters, one after the other, without spaces
    std::vector<Token> tokens;

    std::u32string_view characters(const Token& token) const {
        return std::u32string_view(text).substr(token.begin, token.end - token.begin);
    }
    /// The tokens with one space between them, as UTF-8.
    std::string to_utf8() const;
};

/// `text` must be valid UTF-8; any length.
NormalisedText normalise(std::string_view text);

std::string utf8_of(std::u32string_view text);

}  // namespace bgm
