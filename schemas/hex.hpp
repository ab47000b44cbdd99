// Bytes as hexadecimal digits, small letters. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bgm {

inline std::string hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

inline std::string hex(std::string_view bytes) {
    return hex(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace bgm
