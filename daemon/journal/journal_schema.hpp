// The journal's tables, and how a file of an earlier version becomes one of this.
//
// `PRAGMA user_version` names the version. docs/journal.md describes the tables for operators.
#pragma once

#include "daemon/journal/journal_database.hpp"

namespace bgm {

inline constexpr std::int64_t kJournalVersion = 3;

/// Creates the tables, or brings those of an older version up to date, in one transaction: a start that is
/// interrupted leaves the file as it was. `unsupported` where the file is newer than this program.
Status prepare_journal(JournalDatabase& database, const std::filesystem::path& file);

}  // namespace bgm
