// `bgmctl backfill`: a file of posts, one JSON object a line.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_backfill_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
