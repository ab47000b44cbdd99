// `bgmctl picks`: what became of a post.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_picks_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
