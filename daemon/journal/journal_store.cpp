#include "daemon/journal/journal_store.hpp"

#include <algorithm>

#include "daemon/journal/journal_schema.hpp"

namespace bgm {
namespace {

using Value = JournalDatabase::Value;
using Row = JournalDatabase::Row;

// Rows to make room are forgotten a few at a time, until there is enough of it, and at most so many a commit,
// whose acks wait: more than a commit can bring of small posts.
constexpr std::int64_t kForgetStep = 64;
constexpr std::int64_t kForgetPerCommit = 4096;

// What the disk should have left, or the file in free pages, so that posts still find room: one eighth, as of
// the file's own room, but of a large disk no more than this.
constexpr std::int64_t kDiskReserve = 256 << 20;

}  // namespace

JournalStore::JournalStore(std::unique_ptr<JournalDatabase> database, std::int64_t bytes_max,
                           std::int64_t room_bytes)
    : database_(std::move(database)), bytes_max_(bytes_max), room_bytes_(room_bytes) {}

JournalStore::~JournalStore() = default;

Result<std::unique_ptr<JournalStore>> JournalStore::open(const std::filesystem::path& file,
                                                         std::int64_t bytes_max, std::int64_t room_bytes) {
    auto database = JournalDatabase::open(file);
    if (!database) return database.error();
    if (auto prepared = prepare_journal(**database, file); !prepared) return prepared.error();
    std::unique_ptr<JournalStore> store(new JournalStore(std::move(*database), bytes_max, room_bytes));
    if (auto loaded = store->load(); !loaded) return loaded.error();
    return store;
}

// Only what can be read at once, however many rows there are.
Status JournalStore::load() {
    auto read = database_->rows("SELECT state, posts FROM counts", {}, [this](const Row& row) {
        const auto state = static_cast<std::size_t>(row.integer(0));
        if (state < kPostStates.size()) counts_.by_state.at(state) = row.integer(1);
    });
    if (!read) return read;
    const auto last = database_->number("SELECT coalesce(max(seq), 0) FROM posts");
    if (!last) return last.error();
    next_seq_ = *last + 1;
    const auto pages = database_->number("PRAGMA page_count");
    if (!pages) return pages.error();
    counts_.bytes = *pages * JournalDatabase::kPageBytes;
    std::int64_t limit = bytes_max_;
    if (room_bytes_ < bytes_max_) {
        // Where the file is larger already (the room has been made smaller), it gives way by and by.
        const std::int64_t reserve = bytes_max_ - room_bytes_;
        limit = std::max(room_bytes_, counts_.bytes) + reserve;
        spill_bytes_ = limit - reserve / 2;
    }
    auto limited =
        database_->execute("PRAGMA max_page_count = " + std::to_string(limit / JournalDatabase::kPageBytes));
    if (!limited) return limited;
    if (auto measured = measure_use(); !measured) return measured;
    committed_ = counts_;
    return ok_status();
}

Status JournalStore::relax() {
    return database_->execute("PRAGMA synchronous = OFF");
}

Status JournalStore::begin() {
    return database_->execute("BEGIN IMMEDIATE");
}

Status JournalStore::commit() {
    if (auto made = make_room(); !made) return made;
    if (auto stored = store_counts(); !stored) return stored;
    auto done = database_->execute("COMMIT");
    if (done) committed_ = counts_;
    return done;
}

void JournalStore::rollback() {
    // SQLite may have rolled back by itself (disk full): then there is nothing to do.
    if (database_->in_transaction()) (void)database_->execute("ROLLBACK");
    counts_ = committed_;
}

// Any frame in the place of the failed one ends the WAL's chain of checksums before it. SQLite does not write
// a page whose cells are overwritten by the same bytes, hence the two statements. No post is stored as
// analysing.
Status JournalStore::bury_failed_commits() {
    auto written = database_->run("DELETE FROM counts WHERE state = 1");
    if (written) written = database_->run("INSERT INTO counts VALUES (1, 0)");
    return written ? ok_status() : Status(written.error());
}

Status JournalStore::store_counts() {
    for (std::size_t state = 0; state < counts_.by_state.size(); ++state) {
        const std::int64_t posts = counts_.by_state.at(state);
        if (posts == committed_.by_state.at(state)) continue;
        auto done = database_->run("UPDATE counts SET posts = ? WHERE state = ?",
                                   {posts, static_cast<std::int64_t>(state)});
        if (!done) return done.error();
    }
    return ok_status();
}

Status JournalStore::measure_use() {
    const auto pages =
        database_->number("SELECT (SELECT * FROM pragma_page_count) - (SELECT * FROM pragma_freelist_count)");
    if (!pages) return pages.error();
    counts_.used_bytes = *pages * JournalDatabase::kPageBytes;
    return ok_status();
}

// An eighth stays free of delivered rows, for posts that come in a burst.
std::int64_t JournalStore::room_for_delivered() const {
    const std::int64_t room = room_bytes_ - room_bytes_ / 8;
    if (disk_bytes_ > room) return room;
    const std::int64_t reach = counts_.bytes + disk_bytes_;
    return std::min(room, reach - std::min(reach / 8, kDiskReserve));
}

Status JournalStore::make_room() {
    const std::int64_t enough = room_for_delivered();
    std::int64_t forgotten = 0;
    while (true) {
        if (auto measured = measure_use(); !measured) return measured;
        if (counts_.used_bytes <= enough || forgotten >= kForgetPerCommit) break;
        const auto gone = forget(INT64_MAX, kForgetStep);
        if (!gone) return gone.error();
        if (*gone == 0) break;
        forgotten += *gone;
    }
    counts_.forgotten_for_room += forgotten;
    counts_.making_room =
        counts_.used_bytes > enough && counts_.used_bytes < spill_bytes_ && count(PostState::delivered) > 0;
    return ok_status();
}

Result<Acceptance> JournalStore::accept(const NewPost& post, std::int64_t now_ms) {
    const auto inserted = database_->run(
        "INSERT INTO posts (seq, tenant, post_id, revision, state, priority, content_hash, post, media,"
        " accepted_ms, changed_ms) VALUES (?, ?, ?, 1, 0, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (tenant, post_id) DO NOTHING",
        {next_seq_, Value::text(post.tenant), Value::text(post.post_id), post.priority,
         Value::blob(post.content_hash), Value::blob(post.post), Value::text(post.media), now_ms, now_ms});
    if (!inserted) return inserted.error();
    if (*inserted == 1) {
        ++count(PostState::accepted);
        return Acceptance{.seq = next_seq_++, .revision = 1};
    }
    std::optional<Acceptance> known;
    auto read = database_->rows(
        "SELECT seq, revision, state, content_hash, media, accepted_ms FROM posts"
        " WHERE tenant = ? AND post_id = ?",
        {Value::text(post.tenant), Value::text(post.post_id)}, [&](const Row& row) {
            const bool same = row.bytes(3) == post.content_hash;
            known = {.duplicate = post.retry_of_ms ? !same && row.integer(5) > *post.retry_of_ms : same,
                     .seq = row.integer(0),
                     .revision = static_cast<std::uint32_t>(row.integer(1)),
                     .replaced = static_cast<PostState>(row.integer(2)),
                     .replaced_media = row.bytes(4)};
        });
    if (!read) return read.error();
    if (!known) return Error{.code = ErrorCode::internal, .message = "journal: a row came and went"};
    if (known->duplicate) return *known;
    ++known->revision;
    const auto updated = database_->run(
        "UPDATE posts SET revision = ?, state = 0, priority = ?, content_hash = ?, post = ?, pick = NULL,"
        " dead = NULL, media = ?, synced = 0, event_id = 0, accepted_ms = ?, changed_ms = ? WHERE seq = ?",
        {known->revision, post.priority, Value::blob(post.content_hash), Value::blob(post.post),
         Value::text(post.media), now_ms, now_ms, known->seq});
    if (!updated) return updated.error();
    --count(known->replaced);
    ++count(PostState::accepted);
    return *known;
}

Result<bool> JournalStore::set_picked(std::int64_t seq, std::uint32_t revision, std::string_view pick,
                                      PostState state, std::int64_t now_ms) {
    const auto moved = database_->run(
        "UPDATE posts SET state = ?, pick = ?, post = NULL, dead = NULL, media = '', event_id = ?,"
        " changed_ms = ? WHERE seq = ? AND revision = ? AND state = 0",
        {static_cast<std::int64_t>(state), Value::blob(pick), next_event_id(), now_ms, seq, revision});
    if (!moved) return moved.error();
    if (*moved == 0) return false;
    --count(PostState::accepted);
    ++count(state);
    return true;
}

Result<bool> JournalStore::set_dead(std::int64_t seq, std::uint32_t revision, std::string_view dead,
                                    std::int64_t now_ms) {
    const auto current = row(seq);
    if (!current) return current.error();
    if (!*current || (*current)->revision != revision) return false;
    const PostState from = (*current)->state;
    if (from != PostState::accepted && from != PostState::picked) return false;
    const auto moved = database_->run(
        "UPDATE posts SET state = 4, dead = ?, pick = NULL, synced = 0, event_id = ?, changed_ms = ?"
        " WHERE seq = ?",
        {Value::blob(dead), next_event_id(), now_ms, seq});
    if (!moved) return moved.error();
    --count(from);
    ++count(PostState::dead);
    return true;
}

Result<bool> JournalStore::set_delivered(std::int64_t seq, std::uint32_t revision, std::int64_t now_ms) {
    // SQLite joins a page that has become rather empty with its neighbours where a row is deleted, and not
    // where a row shrinks: without `seq = seq`, which makes it delete the row and insert it anew, a delivered
    // row would go on holding the room that its pick had, ten times its own.
    const auto moved = database_->run(
        "UPDATE posts SET seq = seq, state = 3, pick = NULL, changed_ms = ? WHERE seq = ? AND revision = ?"
        " AND state = 2",
        {now_ms, seq, revision});
    if (!moved) return moved.error();
    if (*moved == 0) return false;
    --count(PostState::picked);
    ++count(PostState::delivered);
    return true;
}

Result<bool> JournalStore::set_dead_synced(std::int64_t seq, std::uint32_t revision) {
    const auto moved = database_->run(
        "UPDATE posts SET synced = 1 WHERE seq = ? AND revision = ? AND state = 4", {seq, revision});
    if (!moved) return moved.error();
    return *moved == 1;
}

Status JournalStore::keep_events() {
    const auto last = database_->number("SELECT coalesce(max(event_id), 0) FROM posts WHERE event_id > 0");
    if (!last) return last.error();
    event_ids_.continue_above(static_cast<std::uint64_t>(*last));
    keeps_events_ = true;
    return ok_status();
}

std::int64_t JournalStore::next_event_id() {
    last_event_id_ = keeps_events_ ? event_ids_.next() : 0;
    return static_cast<std::int64_t>(last_event_id_);
}

Status JournalStore::retry_dead(std::int64_t seq, std::int64_t now_ms) {
    const auto moved = database_->run(
        "UPDATE posts SET state = 0, dead = NULL, synced = 0, event_id = 0, accepted_ms = ?, changed_ms = ?"
        " WHERE seq = ? AND state = 4",
        {now_ms, now_ms, seq});
    if (!moved) return moved.error();
    count(PostState::dead) -= *moved;
    count(PostState::accepted) += *moved;
    return ok_status();
}

Status JournalStore::erase(std::int64_t seq) {
    const auto current = row(seq);
    if (!current) return current.error();
    if (!*current) return ok_status();
    const auto erased = database_->run("DELETE FROM posts WHERE seq = ?", {seq});
    if (!erased) return erased.error();
    --count((*current)->state);
    return ok_status();
}

Result<bool> JournalStore::erase_settled(std::int64_t seq, std::uint32_t revision) {
    for (const PostState state : {PostState::picked, PostState::dead}) {
        const auto gone = database_->run("DELETE FROM posts WHERE seq = ? AND revision = ? AND state = ?",
                                         {seq, revision, static_cast<std::int64_t>(state)});
        if (!gone) return gone.error();
        count(state) -= *gone;
        if (*gone == 1) return true;
    }
    return false;
}

Result<std::int64_t> JournalStore::forget(std::int64_t before_ms, std::int64_t limit) {
    const auto gone = database_->run(
        "DELETE FROM posts WHERE seq IN"
        " (SELECT seq FROM posts WHERE state = 3 AND changed_ms < ? ORDER BY changed_ms LIMIT ?)",
        {before_ms, limit});
    if (gone) count(PostState::delivered) -= *gone;
    return gone;
}

Result<std::int64_t> JournalStore::forget_delivered(std::int64_t before_ms, std::int64_t limit) {
    const auto gone = forget(before_ms, limit);
    if (gone) counts_.forgotten_by_age += *gone;
    return gone;
}

const JournalCounts& JournalStore::counts() const {
    return committed_;
}

Status JournalStore::refresh_counts(std::int64_t now_ms, std::int64_t disk_bytes) {
    disk_bytes_ = disk_bytes;
    std::int64_t oldest = now_ms;
    const auto look = [&](const char* sql) {
        return database_->rows(sql, {}, [&](const Row& row) { oldest = std::min(oldest, row.integer(0)); });
    };
    for (const char* sql :
         {"SELECT accepted_ms FROM posts WHERE state = 0 AND priority = 0 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 0 AND priority = 1 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 2 AND priority = 0 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 2 AND priority = 1 ORDER BY seq LIMIT 1"}) {
        if (auto read = look(sql); !read) return read;
    }
    counts_.oldest_unfinished_ms = now_ms - oldest;
    oldest = now_ms;
    auto read = look("SELECT changed_ms FROM posts WHERE state = 3 ORDER BY changed_ms LIMIT 1");
    if (!read) return read;
    counts_.oldest_delivered_ms = now_ms - oldest;
    const auto pages = database_->number("PRAGMA page_count");
    if (!pages) return pages.error();
    counts_.bytes = *pages * JournalDatabase::kPageBytes;
    return ok_status();
}

}  // namespace bgm
