#include "daemon/journal/journal_database.hpp"

#include <sqlite3.h>

namespace bgm {
namespace {

constexpr int kBusyPatience_ms = 5000;

ErrorCode code_of(int primary) {
    switch (primary) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return ErrorCode::invalid_argument;
        case SQLITE_ERROR:
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
        case SQLITE_NOTADB:
            return ErrorCode::internal;
        default:
            return ErrorCode::resource_exhausted;
    }
}

}  // namespace

// One run of a prepared statement; reset when it goes out of scope. The first error stays.
class JournalDatabase::Statement {
 public:
    Statement(JournalDatabase& owner, const char* sql, Values values)
        : owner_(owner), statement_(owner.statements_[sql]) {
        if (statement_ == nullptr) {
            ok_ = sqlite3_prepare_v3(owner.database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                                     nullptr) == SQLITE_OK;
        }
        int at = 0;
        for (const Value& value : values) {
            if (ok_) ok_ = bind(++at, value) == SQLITE_OK;
        }
    }
    ~Statement() { sqlite3_reset(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// True: a row. False: the end.
    Result<bool> step() {
        if (!ok_) return owner_.error();
        const int code = sqlite3_step(statement_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        return owner_.error();
    }
    Row row() const { return Row(statement_); }

 private:
    int bind(int at, const Value& value) {
        const auto size = value.bytes_.size();
        switch (value.kind_) {
            case Value::Kind::text:
                return sqlite3_bind_text64(statement_, at, value.bytes_.data(), size, SQLITE_STATIC,
                                           SQLITE_UTF8);
            case Value::Kind::blob:
                return sqlite3_bind_blob64(statement_, at, value.bytes_.data(), size, SQLITE_STATIC);
            case Value::Kind::integer:
                break;
        }
        return sqlite3_bind_int64(statement_, at, value.integer_);
    }

    JournalDatabase& owner_;
    sqlite3_stmt*& statement_;
    bool ok_ = true;
};

std::int64_t JournalDatabase::Row::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string JournalDatabase::Row::bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

Result<std::unique_ptr<JournalDatabase>> JournalDatabase::open(const std::filesystem::path& file) {
    // Nobody asks how much memory SQLite has: counting that takes a lock at each allocation. Only the first
    // call counts, and only before SQLite is used.
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    std::unique_ptr<JournalDatabase> database(new JournalDatabase);
    if (sqlite3_open_v2(file.c_str(), &database->database_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK) {
        return database->error();
    }
    sqlite3_busy_timeout(database->database_, kBusyPatience_ms);
    // WAL with synchronous=FULL: a commit appends to one file and waits for one fsync, and `sqlite3` can read
    // beside it.
    auto set = database->execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;"
        "PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = OFF");
    if (!set) return set.error();
    return database;
}

JournalDatabase::~JournalDatabase() {
    for (auto& [sql, statement] : statements_)
        sqlite3_finalize(statement);
    sqlite3_close(database_);
}

Error JournalDatabase::error() const {
    const int extended = sqlite3_extended_errcode(database_);
    return {.code = code_of(extended & 0xFF),
            .message = std::string("journal: ") + sqlite3_errmsg(database_) + " (SQLite's code " +
                       std::to_string(extended) + ")"};
}

Status JournalDatabase::execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return ok_status();
    return error();
}

Result<std::int64_t> JournalDatabase::run(const char* sql, Values values) {
    Statement statement(*this, sql, values);
    const auto more = statement.step();
    if (!more) return more.error();
    return static_cast<std::int64_t>(sqlite3_changes64(database_));
}

Status JournalDatabase::rows(const char* sql, Values values, const Each& each) {
    Statement statement(*this, sql, values);
    while (true) {
        const auto more = statement.step();
        if (!more) return more.error();
        if (!*more) return ok_status();
        each(statement.row());
    }
}

Result<std::int64_t> JournalDatabase::number(const char* sql, Values values) {
    Statement statement(*this, sql, values);
    const auto more = statement.step();
    if (!more) return more.error();
    if (!*more) return Error{.code = ErrorCode::internal, .message = "journal: a row is missing"};
    return statement.row().integer(0);
}

bool JournalDatabase::in_transaction() const {
    return sqlite3_get_autocommit(database_) == 0;
}

}  // namespace bgm
