#include "daemon/store/migrations.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "daemon/store/embedded_migrations.hpp"
#include "daemon/store/server_error.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {
namespace {

// Locks are global to the server: the digest keeps databases apart and the name below the limit of 64
// characters.
constexpr std::string_view kLockName = "CONCAT('bgm_migrate_', MD5(DATABASE()))";
constexpr unsigned kLockWaitSeconds = 60;
constexpr int kRoundsMax = 20;  // more than there are statements to run into

constexpr std::string_view kCreateHistory =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "version INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL, "
    "checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, applied_at DATETIME(6) NOT NULL) "
    "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci";

/// "001_tables", the file's name.
std::string label(unsigned version, std::string_view name) {
    const std::string digits = std::to_string(version);
    return std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits + "_" + std::string(name);
}

/// The table, the column or the index is there, or its record, or a transaction was in the way.
bool made_by_another(int error_number) {
    constexpr std::array kThere{1050, 1060, 1061};
    return std::ranges::find(kThere, error_number) != kThere.end() || transaction_conflict(error_number);
}

struct Applied {
    std::string name;
    std::string checksum;
    std::string applied_at;
};

Result<std::map<unsigned, Applied>> read_history(MySqlConnection& connection) {
    std::map<unsigned, Applied> history;
    bool exists = false;
    Status status = connection.query(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
        "'schema_migrations'",
        [&](MySqlRow) { exists = true; });
    if (!status) return status.error();
    if (!exists) return history;
    status = connection.query("SELECT version, name, checksum, applied_at FROM schema_migrations",
                              [&](MySqlRow row) {
                                  history[sql_number<unsigned>(row[0])] = {
                                      row[1].value_or(""), row[2].value_or(""), row[3].value_or("")};
                              });
    if (!status) return status.error();
    return history;
}

std::vector<MigrationStatus> compare(std::map<unsigned, Applied> history) {
    std::vector<MigrationStatus> statuses;
    for (const EmbeddedMigration& migration : embedded_migrations()) {
        MigrationStatus& status = statuses.emplace_back();
        status.version = migration.version;
        status.name = migration.name;
        status.checksum = migration.checksum;
        const auto found = history.find(migration.version);
        if (found == history.end()) continue;
        status.applied_at = found->second.applied_at;
        status.checksum_differs = found->second.checksum != migration.checksum;
        history.erase(found);
    }
    for (const auto& [version, applied] : history) {
        statuses.push_back({.version = version,
                            .name = applied.name,
                            .checksum = "",
                            .applied_at = applied.applied_at,
                            .unknown = true});
    }
    std::ranges::sort(statuses, {}, &MigrationStatus::version);
    return statuses;
}

Result<std::vector<MigrationStatus>> status_of(MySqlConnection& connection) {
    auto history = read_history(connection);
    if (!history) return history.error();
    return compare(std::move(*history));
}

Status apply(MySqlConnection& connection, const EmbeddedMigration& migration) {
    for (const std::string& statement : split_statements(migration.script)) {
        if (const auto done = connection.execute(statement); !done) {
            Error error = done.error();
            error.message = "migration " + label(migration.version, migration.name) + ": " + error.message;
            return error;
        }
    }
    std::string record = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (";
    append_sql_number(record, std::uint64_t{migration.version});
    record.push_back(',');
    append_sql_text(record, migration.name);
    record.push_back(',');
    append_sql_text(record, migration.checksum);
    record += ", UTC_TIMESTAMP(6))";
    if (const auto done = connection.execute(record); !done) return done.error();
    return ok_status();
}

/// What is pending, applied; the caller holds the lock.
Result<std::vector<MigrationStatus>> apply_pending(MySqlConnection& connection) {
    auto before = status_of(connection);
    if (!before) return before.error();
    for (const MigrationStatus& status : *before) {
        if (!status.checksum_differs) continue;
        return Error{
            ErrorCode::corrupt,
            "migration " + label(status.version, status.name) +
                " was applied with another text: a released migration is never edited, add a new one",
            "schema_migrations.checksum"};
    }
    if (const auto created = connection.execute(std::string(kCreateHistory)); !created)
        return created.error();
    std::vector<MigrationStatus> applied;
    for (const MigrationStatus& status : *before) {
        if (status.applied_at) continue;
        const auto migration =
            std::ranges::find(embedded_migrations(), status.version, &EmbeddedMigration::version);
        if (Status done = apply(connection, *migration); !done) return done.error();
        applied.push_back(status);
    }
    if (applied.empty()) return applied;
    const auto after = status_of(connection);
    if (!after) return after.error();
    for (MigrationStatus& status : applied) {
        status = *std::ranges::find(*after, status.version, &MigrationStatus::version);
    }
    return applied;
}

// What GET_LOCK gives on a node of Galera, the other nodes do not see. Each change is made on all nodes at
// the same place of their order; of two programs that make one, the second is told that it is there, looks
// again, and goes on with what is missing then.
Result<std::vector<MigrationStatus>> migrate_on_galera(MySqlConnection& connection) {
    for (int round = 1;; ++round) {
        auto applied = apply_pending(connection);
        if (applied || round == kRoundsMax || !made_by_another(connection.last_error_number()))
            return applied;
    }
}

}  // namespace

Result<std::vector<MigrationStatus>> migration_status(MySqlConnection& connection) {
    if (Status status = connection.connect(); !status) return status.error();
    return status_of(connection);
}

Result<std::vector<MigrationStatus>> migration_status(const MySqlOptions& options) {
    MySqlConnection connection(options);
    return migration_status(connection);
}

Result<std::vector<MigrationStatus>> migrate(const MySqlOptions& options) {
    // The usual start finds nothing to do, and a server that does not answer must not hold it up for long.
    const auto now = migration_status(options);
    if (!now) return now.error();
    const bool settled = std::ranges::all_of(
        *now, [](const MigrationStatus& status) { return status.applied_at && !status.checksum_differs; });
    if (settled) return std::vector<MigrationStatus>{};

    MySqlOptions patient = options;
    // Longer than the wait for the lock, and long enough to rebuild a large table.
    patient.read_timeout_ms = std::max<std::uint32_t>(options.read_timeout_ms, 3'600'000);
    MySqlConnection connection(std::move(patient));
    if (Status status = connection.connect(); !status) return status.error();
    if (connection.galera()) return migrate_on_galera(connection);
    bool locked = false;
    std::string sql = "SELECT GET_LOCK(";
    sql.append(kLockName).append(", ").append(std::to_string(kLockWaitSeconds)).append(")");
    if (Status status = connection.query(sql, [&](MySqlRow row) { locked = row[0] == "1"; }); !status) {
        return status.error();
    }
    if (!locked) return Error{ErrorCode::unavailable, "another program is migrating this database", ""};
    // The lock goes with the connection, which ends with this function.
    return apply_pending(connection);
}

std::vector<std::string> split_statements(std::string_view script) {
    std::vector<std::string> statements;
    std::string statement;
    const auto finish = [&] {
        const std::size_t begin = statement.find_first_not_of(" \t\r\n");
        if (begin != std::string::npos) {
            const std::size_t end = statement.find_last_not_of(" \t\r\n");
            statements.push_back(statement.substr(begin, end - begin + 1));
        }
        statement.clear();
    };
    for (std::size_t at = 0; at < script.size(); ++at) {
        const char byte = script[at];
        if (byte == '-' && script.substr(at, 3).starts_with("--") &&
            (at + 2 == script.size() || script[at + 2] == ' ' || script[at + 2] == '\n')) {
            at = std::min(script.find('\n', at), script.size());
            statement.push_back('\n');
        } else if (script.substr(at, 2) == "/*") {
            const std::size_t end = script.find("*/", at + 2);
            at = end == std::string_view::npos ? script.size() : end + 1;
            statement.push_back(' ');
        } else if (byte == '\'' || byte == '"' || byte == '`') {
            std::size_t end = at + 1;
            while (end < script.size() && script[end] != byte)
                end += script[end] == '\\' && byte != '`' ? 2 : 1;
            end = std::min(end, script.size() - 1);
            statement.append(script.substr(at, end - at + 1));
            at = end;
        } else if (byte == ';') {
            finish();
        } else {
            statement.push_back(byte);
        }
    }
    finish();
    return statements;
}

}  // namespace bgm
