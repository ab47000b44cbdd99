// bgmctl keys create|list|revoke
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_keys_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
