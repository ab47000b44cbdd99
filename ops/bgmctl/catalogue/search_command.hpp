// bgmctl catalogue search
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

/// Adds it to `bgmctl catalogue`.
void add_search_command(CLI::App& catalogue, ChosenCommand& chosen);

}  // namespace bgm
