// The key of a request, as it is presented: `Authorization: Bearer bgm_...` and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bgm::gateway {

/// What bgmd knows the key by: SHA-256 of its text, in hex. Nothing where the header is absent or no key at
/// all, which needs no question to bgmd.
std::optional<std::string> presented_key_digest(std::string_view authorization);

}  // namespace bgm::gateway
