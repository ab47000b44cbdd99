// `bgmctl dead`: posts that could not be analysed; look at them, try them again, or let them go.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_dead_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
