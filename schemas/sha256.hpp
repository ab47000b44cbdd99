// SHA-256: knows bytes again, and tells whether they are those that somebody named.
#pragma once

#include <string>
#include <string_view>

namespace bgm {

/// 32 raw bytes.
std::string sha256(std::string_view bytes);
/// 64 hexadecimal digits, small letters.
std::string sha256_hex(std::string_view bytes);
/// Does the hexadecimal `digest`, in either case, stand for these raw bytes?
bool same_digest(std::string_view digest, std::string_view raw);

}  // namespace bgm
