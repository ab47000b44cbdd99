// The numbered files of schemas/mysql/, built into the program and applied in order.
//
// A migration is applied once, recorded in `schema_migrations` with the digest of its text, and never edited
// after its release: a recorded digest that differs is an error, because nobody can know what the database
// looks like then. DDL commits by itself on both servers, so a migration that was interrupted is run again
// from its first statement: files use IF NOT EXISTS and the like. Two programs that migrate at once take
// turns (GET_LOCK); on the nodes of a Galera cluster, where there is no such lock, each goes on where the
// other was first.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct MigrationStatus {
    unsigned version = 0;
    std::string name;      // "tables"
    std::string checksum;  // SHA-256 of the text in this program; empty for a version that it does not know
    std::optional<std::string> applied_at;  // UTC; empty where it is pending
    bool checksum_differs = false;          // it was applied with another text
    bool unknown = false;                   // applied by a newer program
};

/// In order of version. Works on an empty database too (everything is pending).
Result<std::vector<MigrationStatus>> migration_status(const MySqlOptions& options);
Result<std::vector<MigrationStatus>> migration_status(MySqlConnection& connection);

/// Applies what is pending and returns those. `corrupt` where a recorded digest differs (nothing is changed
/// then); `unavailable` where another program holds the lock for longer than 60 s. Versions of a newer
/// program are left alone.
Result<std::vector<MigrationStatus>> migrate(const MySqlOptions& options);

/// The statements of a script, without comments: split at ';' outside quotes.
std::vector<std::string> split_statements(std::string_view script);

}  // namespace bgm
