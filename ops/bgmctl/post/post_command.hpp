// `bgmctl post`: one post, from the command line.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_post_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
