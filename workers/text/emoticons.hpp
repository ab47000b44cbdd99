// The emoticons of both cultures, each with the one name that stands for all its spellings.
#pragma once

#include <cstddef>
#include <string_view>

namespace bgm {

struct EmoticonMatch {
    std::size_t length = 0;  // code points taken; 0 = none here
    std::u32string_view name;
};

/// The longest emoticon that `text` starts with. `at_boundary`: nothing glued stands before it, which the
/// spellings made of letters and digits need (":D" anywhere, "xD" only as a word of its own).
EmoticonMatch match_emoticon(std::u32string_view text, bool at_boundary);

}  // namespace bgm
