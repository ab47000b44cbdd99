// `bgmctl teach`: fits the heads of photos, videos, voices and music to the operator's own posts and
// catalogue (docs/teach.md).
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_teach_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
