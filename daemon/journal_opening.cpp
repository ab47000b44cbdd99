#include "daemon/journal_opening.hpp"

#include <filesystem>
#include <string>

namespace bgm {
namespace {

Result<std::unique_ptr<JournalStore>> open_store(const Config& config, const std::string& file) {
    // A pick is larger than a short post: a journal full of posts must have room for what becomes of them, or
    // none of them could ever leave it.
    const std::int64_t reserve_bytes = config.journal.bytes_max / 8 + (64 << 20);
    return JournalStore::open(file, config.journal.bytes_max + reserve_bytes, config.journal.bytes_max);
}

// Nobody would look at them any more.
Status nothing_left_behind(const Config& config, const std::string& file) {
    if (!std::filesystem::exists(file)) return ok_status();
    auto store = open_store(config, file);
    if (!store) return store.error();
    const JournalCounts& counts = (*store)->counts();
    auto undelivered = (*store)->undelivered(1);
    if (!undelivered) return undelivered.error();
    const auto waiting = counts.by_state[static_cast<std::size_t>(PostState::accepted)];
    if (waiting == 0 && undelivered->empty()) return ok_status();
    return Error{.code = ErrorCode::invalid_argument,
                 .message = file +
                            " still holds posts that are not in MySQL: start once with local, until "
                            "`bgmctl status` counts none that are accepted or picked",
                 .field = "queue.kind"};
}

}  // namespace

Result<std::unique_ptr<JournalStore>> open_journal_store(const Config& config) {
    const std::string local = config.data_dir + "/journal.sqlite";
    if (!config.queue.shared()) return open_store(config, local);
    if (auto fine = nothing_left_behind(config, local); !fine) return fine.error();
    const std::string working = config.data_dir + "/working.sqlite";
    for (const char* part : {"", "-wal", "-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(working + part, ignored);
    }
    auto store = open_store(config, working);
    if (!store) return store;
    if (auto relaxed = (*store)->relax(); !relaxed) return relaxed.error();
    return store;
}

}  // namespace bgm
