// What kills a mortal-worker that reads it.
#pragma once

#include <string_view>

namespace bgm::test {

inline constexpr std::string_view kMortalMark = "memento mori";

}  // namespace bgm::test
