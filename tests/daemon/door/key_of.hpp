// Keys for tests of what asks for one.
#pragma once

#include <string>

#include "daemon/door/key_text.hpp"
#include "schemas/api_key.hpp"

namespace bgm::testing {

/// Good for ever, and presented as `text`; "k_" and that is its id. `scopes`: "post read".
inline ApiKey key_of(const std::string& tenant, const std::string& scopes, const std::string& text) {
    return {.key_id = "k_" + text,
            .digest = digest_of(text),
            .tenant = tenant,
            .scopes = Scopes::parse(scopes).value(),
            .name = {},
            .created_ms = 1};
}

}  // namespace bgm::testing
