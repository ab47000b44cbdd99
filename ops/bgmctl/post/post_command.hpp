// `bgmctl post`: one post, from the command line. `bgmctl wish`: one that asks for music.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_post_command(CLI::App& root, ChosenCommand& chosen);
void add_wish_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
