// A post whose text asks for music (kind: WISH), as the post that asks for the same in its options and
// context.
//
// Pure. Any thread.
#pragma once

#include <optional>

#include "fusion/mood/evidence.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

struct WishReading {
    v1::Post post;                     // the same, with what the wish states in its options and its context
    std::optional<Evidence> target{};  // in place of what the text's head says, where the wish names a mood
                                       // or a moment, or only what it is not for
    v1::Understood understood;
};

/// Nothing for posts that are no wishes. `tracks_max`: more than so many cannot be asked for.
std::optional<WishReading> read_wish_of(const v1::Post& post, std::uint32_t tracks_max);

}  // namespace bgm
