// A transaction: begun, tried again where another one was in its way, and never left open.
#pragma once

#include <functional>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Connects where it is not connected, and commits what `work` did. Deadlocks and lock waits are tried again
/// a few times before they are reported as `resource_exhausted`; `attempt` counts from 0.
Status in_transaction(MySqlConnection& connection, const std::function<Status(int attempt)>& work);

/// Whatever `work` reads is of one moment, however many queries it takes. Connects where it is not connected.
Status in_snapshot(MySqlConnection& connection, const std::function<Status()>& work);

}  // namespace bgm
