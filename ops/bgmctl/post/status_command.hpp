// `bgmctl status`: how the daemon does.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_status_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
