// How much a decoded text looks like text that people write, for telling encodings apart. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace bgm {

/// Whom an encoding is for.
enum class Script : std::uint8_t {
    korean,
    japanese,
    simplified_chinese,
    traditional_chinese,
    latin,
    cyrillic
};

struct Plausibility {
    double score = 0;  // per character that is not ASCII: about 0.5 and more for text, below 0 for mojibake
    std::size_t seen = 0;  // such characters
};

/// `text` as code points; 0xFFFF stands for what could not be decoded.
Plausibility plausibility(std::u16string_view text, Script script);

}  // namespace bgm
