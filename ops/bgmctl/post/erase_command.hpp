// `bgmctl erase`: removes what the system holds about a post or a user.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_erase_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
