// `bgmctl feedback`: what a listener did with a pick.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_feedback_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
