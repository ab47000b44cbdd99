// bgmctl taste: what is learnt of listeners.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_taste_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
