// An emoji of several code points, and the one code point that carries its meaning.
//
// A sequence is what Unicode's UTS #51 calls one: pictographs with their variation selector, skin tone or
// tags, joined by zero-width joiners. Whatever it is made of, it is one emoji: a family is not a man, a woman
// and two children, and a polar bear is not snow. Skin tone, sex, hair and direction say nothing of a
// feeling; people and what they do for a living do not either; a couple, a kiss, a family and a heart on fire
// do. A joined emoji that is none of these counts as its first part. Pure; looks at a bounded number of code
// points.
#pragma once

#include <cstddef>
#include <string_view>

namespace bgm {

/// No sequence that anybody draws is longer (a family of four with skin tones has 11).
inline constexpr std::size_t kEmojiSequenceMax = 32;

/// Stands for any person without a feeling of its own; so does every man, woman and child.
inline constexpr char32_t kPersonEmoji = U'🧑';

struct EmojiSequence {
    std::size_t length = 0;  // code points taken; 0 = `text` does not start with an emoji
    char32_t meaning = 0;
};

/// The longest sequence that `text` starts with; of one pictograph, too. Flags of two letters and key caps
/// are none.
EmojiSequence match_emoji_sequence(std::u32string_view text);

}  // namespace bgm
