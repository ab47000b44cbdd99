// The keys of the door, in MySQL.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/api_key.hpp"
#include "schemas/result.hpp"

namespace bgm {

class KeyTable {
 public:
    explicit KeyTable(MySqlConnection& connection) : connection_(connection) {}

    /// Another text where any row is another one: cheap beside all().
    Result<std::string> version();
    /// In the order of their ids. Rows that are no key (somebody wrote them by hand) are left out.
    Result<std::vector<ApiKey>> all();
    Status insert(const ApiKey& key);
    /// False where there is no such key. One that was revoked before keeps its time.
    Result<bool> revoke(std::string_view key_id, std::int64_t now_ms);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
