// Kinds of words that the guard's network reads as one word each, beside the words themselves: dishes,
// household things, shows, games, vehicles, illnesses, catastrophes, groups of people, what befalls them.
// What it learnt of a burger ("to die for") holds for a dumpling, and what it learnt of miners holds for
// migrants.
#pragma once

#include "workers/text/normalise.hpp"

namespace bgm {

/// `text` with the kind's name in place of each word that is of one; a Korean particle stays behind it.
NormalisedText with_kinds(const NormalisedText& text);

}  // namespace bgm
