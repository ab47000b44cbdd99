// What a key looks like, and what is kept of it.
#pragma once

#include <string>
#include <string_view>

namespace bgm {

/// "bgm_" and 43 characters that hold 256 random bits. Shown once, to whoever asked for it.
std::string new_key_text();
/// Names a key in lists and logs: random, and no secret.
std::string new_key_id();
/// SHA-256 in hex: all that is ever stored of a key. Its bits are random, so that nobody can guess them from
/// it, however fast he counts.
std::string digest_of(std::string_view key_text);

}  // namespace bgm
