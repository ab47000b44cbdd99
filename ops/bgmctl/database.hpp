// The database as bgmctl's settings name it.
#pragma once

#include "daemon/mysql/connection.hpp"
#include "ops/bgmctl/context.hpp"

namespace bgm {

/// Connecting is bounded by the context's deadline.
MySqlOptions mysql_options(const BgmctlContext& context);

/// Adds what to check where the error is that of a database that cannot be reached.
Error with_mysql_advice(const BgmctlContext& context, Error error);

}  // namespace bgm
