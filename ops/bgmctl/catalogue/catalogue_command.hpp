// bgmctl catalogue import | export | list | stats
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_catalogue_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
