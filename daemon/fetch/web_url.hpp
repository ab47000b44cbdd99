// An http or https URL, taken apart by libcurl's own parser, which is also the one that will connect: what
// was checked is what is used.
//
// Plain value. Strangers write these.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

struct WebUrl {
    std::string text;    // normalised, without fragment
    std::string scheme;  // "http" or "https"
    std::string
        host;  // lower case, no trailing dot, no brackets; numbers in any notation made dotted decimal
    std::uint16_t port = 0;

    /// `invalid_argument` for what is no URL, has user information, an empty or non-ASCII host, or is past
    /// 2,048 bytes; `unsupported` for another scheme. Messages never repeat the URL: its query may hold a
    /// secret.
    static Result<WebUrl> parse(std::string_view text);
};

}  // namespace bgm
