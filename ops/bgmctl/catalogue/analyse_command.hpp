// bgmctl catalogue analyse | show
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

/// Adds both to `bgmctl catalogue`.
void add_analyse_commands(CLI::App& catalogue, ChosenCommand& chosen);

}  // namespace bgm
