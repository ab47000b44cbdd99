// The keys of the door in the journal: their only home where there is no MySQL, else the copy that is served
// while MySQL is away.
#include "daemon/journal/journal_store.hpp"

namespace bgm {

using Value = JournalDatabase::Value;

Result<std::vector<ApiKey>> JournalStore::api_keys() {
    std::vector<ApiKey> keys;
    auto read = database_->rows(
        "SELECT key_id, digest, tenant, scopes, name, created_ms, expires_ms, revoked_ms FROM api_keys"
        " ORDER BY key_id",
        {}, [&](const JournalDatabase::Row& row) {
            const auto scopes = Scopes::parse(row.bytes(3));
            if (!scopes) return;
            keys.push_back({.key_id = row.bytes(0),
                            .digest = row.bytes(1),
                            .tenant = row.bytes(2),
                            .scopes = *scopes,
                            .name = row.bytes(4),
                            .created_ms = row.integer(5),
                            .expires_ms = row.integer(6),
                            .revoked_ms = row.integer(7)});
        });
    if (!read) return read.error();
    return keys;
}

Status JournalStore::put_api_key(const ApiKey& key) {
    const std::string scopes = key.scopes.to_string();
    const auto written = database_->run(
        "INSERT OR REPLACE INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {Value::text(key.key_id), Value::text(key.digest), Value::text(key.tenant), Value::text(scopes),
         Value::text(key.name), key.created_ms, key.expires_ms, key.revoked_ms});
    return written ? ok_status() : Status(written.error());
}

Status JournalStore::replace_api_keys(const std::vector<ApiKey>& keys) {
    if (const auto gone = database_->run("DELETE FROM api_keys"); !gone) return gone.error();
    for (const ApiKey& key : keys) {
        if (Status put = put_api_key(key); !put) return put;
    }
    return ok_status();
}

}  // namespace bgm
