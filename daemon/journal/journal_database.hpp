// One connection to an SQLite file, and the only files that know SQLite.
//
// Used by one thread. A statement is named by its SQL, a literal; it is prepared at its first use and kept.
// There are three ways to run one, and none of them can take an error for the end of the rows.
//
// Errors say whose fault it was. What the row itself is to blame for is final (`invalid_argument`); whatever
// the store is to blame for (disk, memory, locks, a damaged file) can be tried again (`resource_exhausted`,
// or `internal` where it should never happen), and by then the transaction may be gone: roll back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace bgm {

class JournalDatabase {
 public:
    static constexpr std::int64_t kPageBytes = 4096;

    /// What stands for a `?`. A view's memory must live until the statement has run.
    class Value {
     public:
        enum class Kind { integer, text, blob };
        static Value text(std::string_view bytes) { return {Kind::text, 0, bytes}; }
        static Value blob(std::string_view bytes) { return {Kind::blob, 0, bytes}; }
        Value(std::int64_t integer) : integer_(integer) {}  // NOLINT: implicit on purpose, like a literal

     private:
        friend class JournalDatabase;
        Value(Kind kind, std::int64_t integer, std::string_view bytes)
            : kind_(kind), integer_(integer), bytes_(bytes) {}
        Kind kind_ = Kind::integer;
        std::int64_t integer_ = 0;
        std::string_view bytes_ = {};
    };
    using Values = std::initializer_list<Value>;

    /// A row of a running statement, while `each` runs.
    class Row {
     public:
        std::int64_t integer(int column) const;
        std::string bytes(int column) const;

     private:
        friend class JournalDatabase;
        explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
        sqlite3_stmt* statement_;
    };
    using Each = std::function<void(const Row&)>;

    /// Opens or creates the file: WAL with synchronous = FULL.
    static Result<std::unique_ptr<JournalDatabase>> open(const std::filesystem::path& file);
    ~JournalDatabase();
    JournalDatabase(const JournalDatabase&) = delete;
    JournalDatabase& operator=(const JournalDatabase&) = delete;

    /// Statements without values and without rows; several, separated by semicolons.
    Status execute(const std::string& sql);
    /// A statement without rows. How many rows it changed.
    Result<std::int64_t> run(const char* sql, Values values = {});
    /// Every row. On failure `each` has seen some of them: what it gathered must not be used.
    Status rows(const char* sql, Values values, const Each& each);
    /// The first column of the only row.
    Result<std::int64_t> number(const char* sql, Values values = {});

    /// SQLite ends a transaction by itself after some errors.
    bool in_transaction() const;

 private:
    class Statement;

    JournalDatabase() = default;
    Error error() const;

    sqlite3* database_ = nullptr;
    std::map<const char*, sqlite3_stmt*> statements_;  // by the address of their literal
};

}  // namespace bgm
