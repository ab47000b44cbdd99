// One question to the running daemon, for the commands that ask no more.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Connects, asks and waits for the result, each for `context.deadline` at most. Errors are those of the
/// connection, or the daemon's own.
Result<nlohmann::json> ask_daemon(const BgmctlContext& context, const nlohmann::json& question);

}  // namespace bgm
