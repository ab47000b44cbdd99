// Columns of `track_analysis` as numbers.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"

namespace bgm {

/// Of HEX(column): a binary value is no text. What is left over behind the last whole number is dropped.
template <typename Number>
std::vector<Number> numbers_from_hex(const std::optional<std::string>& hexadecimal) {
    const std::string text = hexadecimal.value_or("");
    std::string bytes(text.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        unsigned value = 0;
        std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, value, 16);
        bytes[i] = static_cast<char>(value);
    }
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    const auto into = std::as_writable_bytes(std::span(numbers));
    std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), into.size(), into.begin());
    return numbers;
}

/// {"calm": 0.4, ...}; 0 for what is not there or no number.
MoodDistribution moods_from_json(const std::optional<std::string>& column);

}  // namespace bgm
