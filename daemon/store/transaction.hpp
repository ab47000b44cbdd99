// A transaction: begun, tried again where another one was in its way, and never left open.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// The first statement after a pause: connects where it is not connected, once more where the server has
/// closed the connection meanwhile. The affected rows.
Result<std::uint64_t> execute_first(MySqlConnection& connection, const std::string& sql);

/// Connects where it is not connected, and commits what `work` did. Deadlocks and lock waits are tried again
/// a few times before they are reported as `resource_exhausted`; `attempt` counts from 0.
Status in_transaction(MySqlConnection& connection, const std::function<Status(int attempt)>& work);

/// Whatever `work` reads is of one moment, however many queries it takes. Connects where it is not connected.
Status in_snapshot(MySqlConnection& connection, const std::function<Status()>& work);

}  // namespace bgm
