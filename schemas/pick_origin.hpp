// Where a pick or a dead letter came from: in its bytes, so that whoever has it has both, and in a field that
// it does not know, so that nothing that prints it (events, answers, pages) can print that.
//
// Pure; any thread.
#pragma once

#include <optional>

#include "schemas/bgm.pb.h"
#include "schemas/origin.pb.h"

namespace bgm {

/// Replaces the one that it carries.
void set_origin(v1::Pick& pick, const v1::Origin& origin);
void set_origin(v1::DeadLetter& dead, const v1::Origin& origin);

/// Empty where it carries none, or none that can be read.
std::optional<v1::Origin> origin_of(const v1::Pick& pick);
std::optional<v1::Origin> origin_of(const v1::DeadLetter& dead);

}  // namespace bgm
