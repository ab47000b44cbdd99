// bgmctl catalogue import | analyse | show | list | stats | export
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_catalogue_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
