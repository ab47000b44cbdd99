#include "daemon/store/key_table.hpp"

#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

constexpr std::int64_t kMillisecondsPerSecond = 1000;
constexpr std::int32_t kNanosecondsPerMillisecond = 1'000'000;

void append_time(std::string& sql, std::int64_t ms) {
    append_sql_time(sql, ms / kMillisecondsPerSecond,
                    static_cast<std::int32_t>(ms % kMillisecondsPerSecond) * kNanosecondsPerMillisecond);
}

void append_time_or_null(std::string& sql, std::int64_t ms) {
    if (ms == 0) {
        sql += "NULL";
    } else {
        append_time(sql, ms);
    }
}

// A time that nobody can read counts as long past: the key is worth nothing then.
std::int64_t milliseconds(const std::optional<std::string>& text) {
    if (!text) return 0;
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    if (!parse_sql_time(*text, seconds, nanoseconds)) return 1;
    return seconds * kMillisecondsPerSecond + nanoseconds / kNanosecondsPerMillisecond;
}

}  // namespace

Result<std::string> KeyTable::version() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string version;
    Status status = connection_.query(
        "SELECT COUNT(*), COALESCE(BIT_XOR(CRC32(CONCAT_WS('|', key_id, digest, tenant, scopes, name, "
        "created_at, COALESCE(expires_at, '-'), COALESCE(revoked_at, '-')))), 0) FROM api_keys",
        [&](MySqlRow row) { version = row[0].value_or("0") + "/" + row[1].value_or("0"); });
    if (!status) return status.error();
    return version;
}

Result<std::vector<ApiKey>> KeyTable::all() {
    if (Status status = connection_.connect(); !status) return status.error();
    std::vector<ApiKey> keys;
    Status status = connection_.query(
        "SELECT key_id, digest, tenant, scopes, name, created_at, expires_at, revoked_at FROM api_keys ORDER "
        "BY key_id",
        [&](MySqlRow row) {
            const auto scopes = Scopes::parse(row[3].value_or(""));
            ApiKey key{.key_id = row[0].value_or(""),
                       .digest = row[1].value_or(""),
                       .tenant = row[2].value_or(""),
                       .scopes = scopes ? *scopes : Scopes(),
                       .name = row[4].value_or(""),
                       .created_ms = milliseconds(row[5]),
                       .expires_ms = milliseconds(row[6]),
                       .revoked_ms = milliseconds(row[7])};
            if (scopes && is_digest(key.digest) && !key.key_id.empty() && !key.tenant.empty())
                keys.push_back(std::move(key));
        });
    if (!status) return status.error();
    return keys;
}

Status KeyTable::insert(const ApiKey& key) {
    if (Status status = connection_.connect(); !status) return status;
    std::string sql =
        "INSERT INTO api_keys (key_id, digest, tenant, scopes, name, created_at, expires_at) VALUES (";
    for (const std::string& text : {key.key_id, key.digest, key.tenant, key.scopes.to_string(), key.name}) {
        append_sql_text(sql, text);
        sql.push_back(',');
    }
    append_time(sql, key.created_ms);
    sql.push_back(',');
    append_time_or_null(sql, key.expires_ms);
    sql.push_back(')');
    return connection_.run(sql);
}

Result<bool> KeyTable::revoke(std::string_view key_id, std::int64_t now_ms) {
    if (Status status = connection_.connect(); !status) return status.error();
    std::string id;
    append_sql_text(id, key_id);
    std::string sql = "UPDATE api_keys SET revoked_at = ";
    append_time(sql, now_ms);
    sql += " WHERE revoked_at IS NULL AND key_id = " + id;
    if (const auto done = connection_.execute(sql); !done) return done.error();
    bool known = false;
    Status status =
        connection_.query("SELECT 1 FROM api_keys WHERE key_id = " + id, [&](MySqlRow) { known = true; });
    if (!status) return status.error();
    return known;
}

}  // namespace bgm
