// Text that programs wrote for programs: letters of ASCII, and numbers, whatever the locale. Pure.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace bgm {

inline char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ascii_lower(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) { return ascii_lower(c); });
    return lower;
}

/// Without the spaces and tabs at its ends.
inline std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The number that the whole of `text` is. Of floating point, "inf" and "nan" are numbers too.
template <typename Number>
std::optional<Number> number_from(std::string_view text) {
    Number number{};
    const char* const behind = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), behind, number);
    if (error != std::errc{} || end != behind) return std::nullopt;
    return number;
}

}  // namespace bgm
