// What the numbers of a MySQL server's errors mean for bgmd: what to try again, what to give up, which column
// to name.
#pragma once

#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

/// True where the connection is of no further use.
bool connection_lost(int error_number);

/// True where the whole transaction should be tried again at once: somebody else held the rows.
bool transaction_conflict(int error_number);

/// `secret` is masked wherever it would occur in the message.
Error error_from_server(int error_number, std::string_view message, std::string_view secret);

}  // namespace bgm
