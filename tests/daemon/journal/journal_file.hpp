// The journal as somebody else sees it: a connection of its own to the file, beside the daemon's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

struct sqlite3;

namespace bgm::testing {

class JournalFile {
 public:
    explicit JournalFile(const std::filesystem::path& file);
    ~JournalFile();
    JournalFile(const JournalFile&) = delete;
    JournalFile& operator=(const JournalFile&) = delete;

    /// The first column of the first row.
    std::int64_t number(const std::string& sql);
    void execute(const std::string& sql);

 private:
    sqlite3* database_ = nullptr;
};

}  // namespace bgm::testing
