// Seeds that travel inside a pick: in its bytes, so that journal and MySQL have both or neither, and in a
// field that Pick does not know, so that nothing that prints picks (events, answers, pages) can print them.
//
// Pure; any thread.
#pragma once

#include <vector>

#include "schemas/bgm.pb.h"
#include "schemas/seed.pb.h"

namespace bgm {

/// Those that it carries are kept.
void add_seeds(v1::Pick& pick, const v1::Seeds& seeds);

/// Empty where it carries none, or none that can be read.
v1::Seeds seeds_of(const v1::Pick& pick);

}  // namespace bgm
