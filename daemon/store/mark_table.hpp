// The numbers that programs write at the primary to see how far a replica is.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct MarkReading {
    std::optional<std::uint64_t> mark;  // none of this program's has arrived
    bool read_only = false;             // as a replica should be
};

class MarkTable {
 public:
    explicit MarkTable(MySqlConnection& connection) : connection_(connection) {}

    /// `instance`: 16 bytes, of this program's run. Rows of programs that are gone are forgotten now and
    /// then.
    Status write(std::string_view instance, std::uint64_t mark);
    Result<MarkReading> read(std::string_view instance);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
