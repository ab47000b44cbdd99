// Numbers and boxes as file formats want them, appended to strings.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bgm::test {

inline std::string big(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i)
        text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
}

inline std::string little(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
}

inline std::string zeros(std::size_t count) {
    return std::string(count, '\0');
}

inline std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

/// A box of the ISO base media file format.
inline std::string box(std::string_view type, std::string_view content) {
    return big(content.size() + 8, 4) + std::string(type) + std::string(content);
}

/// The same with version and flags in front of its content.
inline std::string full_box(std::string_view type, std::string_view content, unsigned version = 0) {
    return box(type, big(std::uint64_t{version} << 24U, 4) + std::string(content));
}

/// `file` with `value` written over what stands at `position`; as it was where that lies behind its end.
inline std::string patched(std::string file, std::size_t position, std::string_view value) {
    if (position <= file.size() && value.size() <= file.size() - position)
        file.replace(position, value.size(), value);
    return file;
}

/// Every place at which `what` stands patched, `distance` bytes further on.
inline std::string patched_after(std::string file, std::string_view what, std::size_t distance,
                                 std::string_view value) {
    for (std::size_t at = 0; (at = file.find(what, at)) != std::string::npos; at += what.size())
        file = patched(std::move(file), at + distance, value);
    return file;
}

inline std::string text_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace bgm::test
