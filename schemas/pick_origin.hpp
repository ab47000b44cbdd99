// Where a decision came from, inside its bytes: in a field that Pick and DeadLetter do not know, so that
// nothing that prints them (events, answers, pages) can print it.
//
// Pure; any thread.
#pragma once

#include <optional>

#include "schemas/bgm.pb.h"
#include "schemas/origin.pb.h"

namespace bgm {

/// Once a message.
void set_origin(v1::Pick& pick, const v1::Origin& origin);
void set_origin(v1::DeadLetter& dead, const v1::Origin& origin);

/// nullopt where there is none, or none that can be read.
std::optional<v1::Origin> origin_of(const v1::Pick& pick);
std::optional<v1::Origin> origin_of(const v1::DeadLetter& dead);

}  // namespace bgm
