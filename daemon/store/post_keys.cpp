#include "daemon/store/post_keys.hpp"

#include <algorithm>

#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

constexpr std::size_t kKeysPerStatement = 500;

}  // namespace

std::string condition_of(const PostKey& key) {
    std::string condition = "tenant = ";
    append_sql_text(condition, key.first);
    condition += " AND post_id = ";
    append_sql_text(condition, key.second);
    return condition;
}

Status for_each_condition(std::span<const PostKey> keys,
                          const std::function<Status(const std::string&)>& run) {
    for (std::size_t begin = 0; begin < keys.size(); begin += kKeysPerStatement) {
        const auto part = keys.subspan(begin, std::min(kKeysPerStatement, keys.size() - begin));
        std::string condition;
        for (std::size_t at = 0; at < part.size(); ++at) {
            const auto& [tenant, post_id] = part[at];
            if (at == 0 || tenant != part[at - 1].first) {
                condition += at == 0 ? "(tenant = " : ")) OR (tenant = ";
                append_sql_text(condition, tenant);
                condition += " AND post_id IN (";
            } else {
                condition.push_back(',');
            }
            append_sql_text(condition, post_id);
        }
        condition += "))";
        if (Status status = run(condition); !status) return status;
    }
    return ok_status();
}

Status delete_keys(MySqlConnection& connection, std::string_view table, std::span<const PostKey> keys) {
    return for_each_condition(keys, [&](const std::string& condition) -> Status {
        return connection.run("DELETE FROM " + std::string(table) + " WHERE " + condition);
    });
}

}  // namespace bgm
