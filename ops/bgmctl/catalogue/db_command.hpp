// `bgmctl db`: the database's tables.
#pragma once

#include "ops/bgmctl/console/context.hpp"

namespace bgm {

void add_db_command(CLI::App& root, ChosenCommand& chosen);

}  // namespace bgm
