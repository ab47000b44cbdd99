// Words of strangers, fit to be shown: one line of valid UTF-8 that steers no terminal.
//
// For what people read (captions, notes, messages of errors). Words that a program reads (a code, a modality,
// a language) are not mended but refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bgm {

/// `text` without line ends and other control characters (C0, DEL, C1), marks that turn the direction of
/// writing and byte order marks: each run of them and of spaces becomes one space, none stands at the ends.
/// What is no UTF-8 becomes "?". At most `bytes_max` bytes, cut on a character boundary.
std::string one_line(std::string_view text, std::size_t bytes_max);

}  // namespace bgm
