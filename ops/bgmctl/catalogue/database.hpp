// The database as bgmctl's settings name it.
#pragma once

#include "daemon/store/connection.hpp"
#include "ops/bgmctl/console/context.hpp"

namespace bgm {

/// Connecting is bounded by the context's deadline.
MySqlOptions mysql_options(const BgmctlContext& context);

/// For what only reads, and much of it: a replica, where one is named that soon has all that the primary has
/// now; else the primary.
MySqlConnection reading_connection(const BgmctlContext& context);

/// Adds what to check where the error is that of a database that cannot be reached.
Error with_mysql_advice(const BgmctlContext& context, Error error);

/// For what is heard, which is kept nowhere else: says how to name a database. Returns kExitUsage.
int report_no_database(BgmctlContext& context);

}  // namespace bgm
