#include "tests/daemon/journal/journal_file.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace bgm::testing {

JournalFile::JournalFile(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK)
        throw std::runtime_error("cannot open the journal");
    sqlite3_busy_timeout(database_, 10'000);
}

JournalFile::~JournalFile() {
    sqlite3_close(database_);
}

std::int64_t JournalFile::number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        sqlite3_finalize(statement);
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_));
    }
    const std::int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

void JournalFile::execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_));
}

}  // namespace bgm::testing
