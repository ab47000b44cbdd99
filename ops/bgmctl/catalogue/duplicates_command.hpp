// bgmctl catalogue duplicates
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

/// Adds it to `bgmctl catalogue`.
void add_duplicates_command(CLI::App& catalogue, ChosenCommand& chosen);

}  // namespace bgm
