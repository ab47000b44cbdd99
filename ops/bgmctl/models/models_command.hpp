// `bgmctl models`: the public models on this machine.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_models_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
