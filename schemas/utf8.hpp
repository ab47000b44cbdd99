// UTF-8 as bytes: checking and cutting. Everything that needs Unicode's tables lives with the text encoder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bgm {

/// Well-formed UTF-8 by the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes);

/// `character` must be a code point, and no surrogate.
void append_utf8(std::string& text, char32_t character);

/// Code points of valid UTF-8.
std::size_t character_count(std::string_view text);

/// The longest prefix of at most `bytes_max` bytes that does not split a code point. `text` must be valid.
std::string_view truncate_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace bgm
