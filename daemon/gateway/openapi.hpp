// The description of every call, made of the table of routes and of the messages' own definitions, so that it
// cannot say anything else than the code. Pure.
#pragma once

#include <string>

namespace bgm::gateway {

/// OpenAPI 3.1.
std::string openapi_json();
/// The same for people, as a page without scripts.
std::string docs_page();

}  // namespace bgm::gateway
