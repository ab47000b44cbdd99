// bgmctl eval-picks: weightings of the score compared on the feedback that there is.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_eval_picks_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
