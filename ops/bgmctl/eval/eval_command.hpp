// `bgmctl eval`: how good the running daemon's moods are on labelled text.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_eval_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
