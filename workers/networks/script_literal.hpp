// The one value that a JavaScript module of the form that browserify makes exports: an object literal, as
// JSON, or a string of base64, as bytes. Nothing is executed: everything else in the module is skipped, and
// an expression that is no literal is refused.
//
// The text is untrusted. Plain functions, callable from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

/// What stands behind the first `.exports=` that is followed by a brace, bracket or quote, as JSON: names get
/// quotes, `.5` a zero, `!0` is true. `corrupt` where it is no literal, is nested more than 32 deep or does
/// not end.
Result<std::string> read_script_json(std::string_view script);

/// The bytes of the exported string. `corrupt` where it is none, or no base64 (RFC 4648, with its padding).
Result<std::vector<std::byte>> read_script_bytes(std::string_view script);

}  // namespace bgm
