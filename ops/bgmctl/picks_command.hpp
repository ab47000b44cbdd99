// `bgmctl picks`: what became of a post.
#pragma once

#include "ops/bgmctl/context.hpp"

namespace bgm {

void add_picks_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
