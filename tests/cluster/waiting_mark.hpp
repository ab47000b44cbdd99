// What a waiting-worker does with a text: "takes 100 ms" anywhere in it, and the answer comes so much later;
// "unreadable", and there is none; "deadly", and the worker ends.
#pragma once

#include <string>
#include <string_view>

namespace bgm::test {

inline constexpr std::string_view kTakes = "takes ";
inline constexpr std::string_view kUnreadable = "unreadable";
inline constexpr std::string_view kDeadly = "deadly";

inline std::string takes(int milliseconds) {
    return std::string(kTakes) + std::to_string(milliseconds) + " ms";
}

}  // namespace bgm::test
