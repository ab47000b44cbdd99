// How long the texts of a row may be: the VARCHAR(n) of schemas/mysql/, in characters. A test holds them to
// the migrations.
//
// What is put into a row is made to fit when it is made. By the time that MySQL could refuse it the post's
// text and media have been erased.
#pragma once

#include <cstddef>

namespace bgm {

inline constexpr std::size_t kIdCharacters = 128;   // tenant, post_id, user_id, track_id
inline constexpr std::size_t kCodeCharacters = 32;  // mood, stage, code
inline constexpr std::size_t kLanguageCharacters = 35;
inline constexpr std::size_t kModelCharacters = 255;
inline constexpr std::size_t kMessageCharacters = 2048;  // of a dead letter

// JSON columns have no length of their own; these keep a row of 16 assets far below max_allowed_packet.
inline constexpr std::size_t kDegradedMessageBytes = 500;
inline constexpr std::size_t kCaptionBytes = 300;
inline constexpr std::size_t kReadTextBytes = 1000;

}  // namespace bgm
