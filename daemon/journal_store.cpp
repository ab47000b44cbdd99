#include "daemon/journal_store.hpp"

#include <sqlite3.h>

#include <map>

namespace bgm {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::int64_t kPageBytes = 4096;

constexpr const char* kSchema = R"sql(
CREATE TABLE posts (
    seq          INTEGER PRIMARY KEY,
    tenant       TEXT NOT NULL,
    post_id      TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    priority     INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    post         BLOB,
    pick         BLOB,
    dead         BLOB,
    media        TEXT NOT NULL,
    synced       INTEGER NOT NULL DEFAULT 0,
    accepted_ms  INTEGER NOT NULL,
    changed_ms   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX posts_key ON posts (tenant, post_id);
CREATE INDEX posts_waiting ON posts (priority, seq) WHERE state = 0;
CREATE INDEX posts_picked ON posts (priority, seq) WHERE state = 2;
CREATE INDEX posts_delivered ON posts (changed_ms) WHERE state = 3;
CREATE INDEX posts_dead ON posts (seq) WHERE state = 4;
)sql";

}  // namespace

// Holds the connection and the prepared statements, each prepared at its first use.
struct JournalStore::Impl {
    sqlite3* database = nullptr;
    std::map<const char*, sqlite3_stmt*> statements;  // by the address of their literal
    JournalCounts counts;
    JournalCounts committed;

    ~Impl() {
        for (auto& [sql, statement] : statements)
            sqlite3_finalize(statement);
        sqlite3_close(database);
    }

    Error error() const {
        const int code = sqlite3_errcode(database);
        const bool full =
            code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_NOMEM || code == SQLITE_READONLY;
        return {.code = full ? ErrorCode::resource_exhausted : ErrorCode::internal,
                .message = std::string("journal: ") + sqlite3_errmsg(database),
                .field = {}};
    }

    Status execute(const char* sql) {
        if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return ok_status();
        return error();
    }

    std::int64_t& count(PostState state) { return counts.by_state.at(static_cast<std::size_t>(state)); }
};

namespace {

// One run of a prepared statement: bind in order, step, read columns; reset when it goes out of scope.
class Query {
 public:
    Query(sqlite3* database, std::map<const char*, sqlite3_stmt*>& cache, const char* sql) {
        auto& statement = cache[sql];
        if (statement == nullptr) {
            sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        }
        statement_ = statement;
    }
    ~Query() { sqlite3_reset(statement_); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Bound memory must live until the statement has run (SQLITE_STATIC).
    Query& bind(std::int64_t value) {
        sqlite3_bind_int64(statement_, ++bound_, value);
        return *this;
    }
    Query& bind_text(std::string_view value) {
        sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
        return *this;
    }
    Query& bind_blob(std::string_view value) {
        sqlite3_bind_blob64(statement_, ++bound_, value.data(), value.size(), SQLITE_STATIC);
        return *this;
    }

    int step() { return sqlite3_step(statement_); }

    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    std::string bytes(int column) const {
        const void* data = sqlite3_column_blob(statement_, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
    }

 private:
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

JournalRow read_row(const Query& query) {
    return {.seq = query.integer(0),
            .revision = static_cast<std::uint32_t>(query.integer(1)),
            .state = static_cast<PostState>(query.integer(2)),
            .post = query.bytes(3),
            .pick = query.bytes(4),
            .dead = query.bytes(5),
            .media = query.bytes(6),
            .accepted_ms = query.integer(7),
            .priority = static_cast<int>(query.integer(8))};
}

}  // namespace

#define BGM_QUERY(sql) Query query(impl_->database, impl_->statements, sql)

JournalStore::JournalStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalStore::~JournalStore() = default;

Result<std::unique_ptr<JournalStore>> JournalStore::open(const std::filesystem::path& file,
                                                         std::int64_t bytes_max) {
    auto impl = std::make_unique<Impl>();
    if (sqlite3_open_v2(file.c_str(), &impl->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK) {
        return impl->error();
    }
    // WAL with synchronous=FULL: a commit appends to one file and waits for one fsync, and `sqlite3` can read
    // beside it.
    for (const char* pragma :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA busy_timeout = 5000",
          "PRAGMA wal_autocheckpoint = 500", "PRAGMA cache_size = -16000",
          "PRAGMA journal_size_limit = 67108864", "PRAGMA secure_delete = OFF"}) {
        if (auto done = impl->execute(pragma); !done) return done.error();
    }
    const std::string size_limit = "PRAGMA max_page_count = " + std::to_string(bytes_max / kPageBytes);
    if (auto done = impl->execute(size_limit.c_str()); !done) return done.error();

    std::int64_t version = 0;
    {
        Query query(impl->database, impl->statements, "PRAGMA user_version");
        if (query.step() != SQLITE_ROW) return impl->error();
        version = query.integer(0);
    }
    if (version == 0) {
        const std::string create = std::string("BEGIN IMMEDIATE;") + kSchema +
                                   "PRAGMA user_version = " + std::to_string(kSchemaVersion) + ";COMMIT;";
        if (auto done = impl->execute(create.c_str()); !done) return done.error();
    } else if (version != kSchemaVersion) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "journal: " + file.string() + " has schema version " +
                                std::to_string(version) + ", this bgmd knows " +
                                std::to_string(kSchemaVersion),
                     .field = {}};
    }
    {
        Query query(impl->database, impl->statements, "SELECT state, count(*) FROM posts GROUP BY state");
        while (query.step() == SQLITE_ROW) {
            const auto state = static_cast<std::size_t>(query.integer(0));
            if (state < kPostStates.size()) impl->counts.by_state[state] = query.integer(1);
        }
    }
    impl->committed = impl->counts;
    return std::unique_ptr<JournalStore>(new JournalStore(std::move(impl)));
}

Status JournalStore::begin() {
    return impl_->execute("BEGIN IMMEDIATE");
}

Status JournalStore::commit() {
    {
        BGM_QUERY("SELECT (SELECT * FROM pragma_page_count) - (SELECT * FROM pragma_freelist_count)");
        if (query.step() == SQLITE_ROW) impl_->counts.used_bytes = query.integer(0) * kPageBytes;
    }
    auto done = impl_->execute("COMMIT");
    if (done) impl_->committed = impl_->counts;
    return done;
}

void JournalStore::rollback() {
    // SQLite may have rolled back by itself (disk full): then this fails, and that is fine.
    if (sqlite3_get_autocommit(impl_->database) == 0) (void)impl_->execute("ROLLBACK");
    impl_->counts = impl_->committed;
}

Result<Acceptance> JournalStore::accept(const NewPost& post, std::int64_t now_ms) {
    {
        BGM_QUERY(
            "INSERT INTO posts (tenant, post_id, revision, state, priority, content_hash, post, media,"
            " accepted_ms, changed_ms) VALUES (?, ?, 1, 0, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant, post_id) DO NOTHING");
        query.bind_text(post.tenant).bind_text(post.post_id).bind(post.priority).bind_blob(post.content_hash);
        query.bind_blob(post.post).bind_text(post.media).bind(now_ms).bind(now_ms);
        if (query.step() != SQLITE_DONE) return impl_->error();
        if (sqlite3_changes(impl_->database) == 1) {
            ++impl_->count(PostState::accepted);
            return Acceptance{.seq = sqlite3_last_insert_rowid(impl_->database), .revision = 1};
        }
    }
    Acceptance acceptance;
    {
        BGM_QUERY(
            "SELECT seq, revision, state, content_hash, media FROM posts WHERE tenant = ? AND post_id = ?");
        query.bind_text(post.tenant).bind_text(post.post_id);
        if (query.step() != SQLITE_ROW) return impl_->error();
        acceptance.seq = query.integer(0);
        acceptance.revision = static_cast<std::uint32_t>(query.integer(1));
        acceptance.replaced = static_cast<PostState>(query.integer(2));
        acceptance.duplicate = query.bytes(3) == post.content_hash;
        acceptance.replaced_media = query.bytes(4);
    }
    if (acceptance.duplicate) return acceptance;
    ++acceptance.revision;
    BGM_QUERY(
        "UPDATE posts SET revision = ?, state = 0, priority = ?, content_hash = ?, post = ?, pick = NULL, "
        "dead = NULL,"
        " media = ?, synced = 0, accepted_ms = ?, changed_ms = ? WHERE seq = ?");
    query.bind(acceptance.revision).bind(post.priority).bind_blob(post.content_hash).bind_blob(post.post);
    query.bind_text(post.media).bind(now_ms).bind(now_ms).bind(acceptance.seq);
    if (query.step() != SQLITE_DONE) return impl_->error();
    --impl_->count(acceptance.replaced);
    ++impl_->count(PostState::accepted);
    return acceptance;
}

Result<bool> JournalStore::set_picked(std::int64_t seq, std::uint32_t revision, std::string_view pick,
                                      PostState state, std::int64_t now_ms) {
    BGM_QUERY(
        "UPDATE posts SET state = ?, pick = ?, post = NULL, dead = NULL, media = '', changed_ms = ?"
        " WHERE seq = ? AND revision = ? AND state = 0");
    query.bind(static_cast<int>(state)).bind_blob(pick).bind(now_ms).bind(seq).bind(revision);
    if (query.step() != SQLITE_DONE) return impl_->error();
    if (sqlite3_changes(impl_->database) == 0) return false;
    --impl_->count(PostState::accepted);
    ++impl_->count(state);
    return true;
}

Result<bool> JournalStore::set_dead(std::int64_t seq, std::uint32_t revision, std::string_view dead,
                                    std::int64_t now_ms) {
    auto current = row(seq);
    if (!current) return current.error();
    if (!*current || (*current)->revision != revision) return false;
    const PostState from = (*current)->state;
    if (from != PostState::accepted && from != PostState::picked) return false;
    BGM_QUERY("UPDATE posts SET state = 4, dead = ?, pick = NULL, synced = 0, changed_ms = ? WHERE seq = ?");
    query.bind_blob(dead).bind(now_ms).bind(seq);
    if (query.step() != SQLITE_DONE) return impl_->error();
    --impl_->count(from);
    ++impl_->count(PostState::dead);
    return true;
}

Result<bool> JournalStore::set_delivered(std::int64_t seq, std::uint32_t revision, std::int64_t now_ms) {
    BGM_QUERY(
        "UPDATE posts SET state = 3, pick = NULL, changed_ms = ? WHERE seq = ? AND revision = ? AND state = "
        "2");
    query.bind(now_ms).bind(seq).bind(revision);
    if (query.step() != SQLITE_DONE) return impl_->error();
    if (sqlite3_changes(impl_->database) == 0) return false;
    --impl_->count(PostState::picked);
    ++impl_->count(PostState::delivered);
    return true;
}

Result<bool> JournalStore::set_dead_synced(std::int64_t seq, std::uint32_t revision) {
    BGM_QUERY("UPDATE posts SET synced = 1 WHERE seq = ? AND revision = ? AND state = 4");
    query.bind(seq).bind(revision);
    if (query.step() != SQLITE_DONE) return impl_->error();
    return sqlite3_changes(impl_->database) == 1;
}

Result<std::vector<std::int64_t>> JournalStore::waiting(std::size_t limit) {
    BGM_QUERY("SELECT seq FROM posts WHERE state = 0 ORDER BY priority, seq LIMIT ?");
    query.bind(static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> found;
    while (query.step() == SQLITE_ROW)
        found.push_back(query.integer(0));
    return found;
}

Result<std::vector<std::int64_t>> JournalStore::undelivered(std::size_t limit) {
    std::vector<std::int64_t> found;
    {
        BGM_QUERY("SELECT seq FROM posts WHERE state = 4 AND synced = 0 ORDER BY seq LIMIT ?");
        query.bind(static_cast<std::int64_t>(limit));
        while (query.step() == SQLITE_ROW)
            found.push_back(query.integer(0));
    }
    BGM_QUERY("SELECT seq FROM posts WHERE state = 2 ORDER BY priority, seq LIMIT ?");
    query.bind(static_cast<std::int64_t>(limit));
    while (query.step() == SQLITE_ROW)
        found.push_back(query.integer(0));
    return found;
}

Result<std::optional<JournalRow>> JournalStore::row(std::int64_t seq) {
    BGM_QUERY(
        "SELECT seq, revision, state, post, pick, dead, media, accepted_ms, priority FROM posts WHERE seq = "
        "?");
    query.bind(seq);
    const int step = query.step();
    if (step == SQLITE_ROW) return std::optional(read_row(query));
    if (step == SQLITE_DONE) return std::optional<JournalRow>();
    return impl_->error();
}

Result<std::optional<JournalRow>> JournalStore::find(std::string_view tenant, std::string_view post_id) {
    BGM_QUERY(
        "SELECT seq, revision, state, post, pick, dead, media, accepted_ms, priority FROM posts WHERE tenant "
        "= ? AND "
        "post_id = ?");
    query.bind_text(tenant).bind_text(post_id);
    const int step = query.step();
    if (step == SQLITE_ROW) return std::optional(read_row(query));
    if (step == SQLITE_DONE) return std::optional<JournalRow>();
    return impl_->error();
}

Result<std::vector<JournalRow>> JournalStore::dead(std::string_view tenant, std::int64_t after_seq,
                                                   std::size_t limit) {
    BGM_QUERY(
        "SELECT seq, revision, state, post, pick, dead, media, accepted_ms, priority FROM posts WHERE state "
        "= 4 AND "
        "seq > ?"
        " AND (? = '' OR tenant = ?) ORDER BY seq LIMIT ?");
    query.bind(after_seq).bind_text(tenant).bind_text(tenant).bind(static_cast<std::int64_t>(limit));
    std::vector<JournalRow> rows;
    while (query.step() == SQLITE_ROW)
        rows.push_back(read_row(query));
    return rows;
}

Result<std::vector<JournalRow>> JournalStore::rows_of(std::string_view tenant, std::int64_t after_seq,
                                                      std::size_t limit) {
    BGM_QUERY(
        "SELECT seq, revision, state, post, pick, dead, media, accepted_ms, priority FROM posts WHERE seq > "
        "? AND "
        "tenant = ? ORDER BY seq LIMIT ?");
    query.bind(after_seq).bind_text(tenant).bind(static_cast<std::int64_t>(limit));
    std::vector<JournalRow> rows;
    while (query.step() == SQLITE_ROW)
        rows.push_back(read_row(query));
    return rows;
}

Status JournalStore::retry_dead(std::int64_t seq, std::int64_t now_ms) {
    BGM_QUERY(
        "UPDATE posts SET state = 0, dead = NULL, synced = 0, accepted_ms = ?, changed_ms = ?"
        " WHERE seq = ? AND state = 4");
    query.bind(now_ms).bind(now_ms).bind(seq);
    if (query.step() != SQLITE_DONE) return impl_->error();
    if (sqlite3_changes(impl_->database) == 1) {
        --impl_->count(PostState::dead);
        ++impl_->count(PostState::accepted);
    }
    return ok_status();
}

Status JournalStore::erase(std::int64_t seq) {
    auto current = row(seq);
    if (!current) return current.error();
    if (!*current) return ok_status();
    BGM_QUERY("DELETE FROM posts WHERE seq = ?");
    query.bind(seq);
    if (query.step() != SQLITE_DONE) return impl_->error();
    --impl_->count((*current)->state);
    return ok_status();
}

Status JournalStore::forget_delivered(std::int64_t before_ms, std::size_t limit) {
    BGM_QUERY(
        "DELETE FROM posts WHERE seq IN (SELECT seq FROM posts WHERE state = 3 AND changed_ms < ? LIMIT ?)");
    query.bind(before_ms).bind(static_cast<std::int64_t>(limit));
    if (query.step() != SQLITE_DONE) return impl_->error();
    impl_->count(PostState::delivered) -= sqlite3_changes(impl_->database);
    return ok_status();
}

Result<std::vector<std::string>> JournalStore::media_in_use() {
    BGM_QUERY("SELECT media FROM posts WHERE state IN (0, 4) AND media <> ''");
    std::vector<std::string> names;
    while (query.step() == SQLITE_ROW)
        names.push_back(query.bytes(0));
    return names;
}

const JournalCounts& JournalStore::counts() const {
    return impl_->committed;
}

Status JournalStore::refresh_counts(std::int64_t now_ms) {
    std::int64_t oldest = now_ms;
    for (const char* sql :
         {"SELECT accepted_ms FROM posts WHERE state = 0 AND priority = 0 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 0 AND priority = 1 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 2 AND priority = 0 ORDER BY seq LIMIT 1",
          "SELECT accepted_ms FROM posts WHERE state = 2 AND priority = 1 ORDER BY seq LIMIT 1"}) {
        BGM_QUERY(sql);
        if (query.step() == SQLITE_ROW) oldest = std::min(oldest, query.integer(0));
    }
    impl_->counts.oldest_unfinished_ms = now_ms - oldest;
    BGM_QUERY("PRAGMA page_count");
    if (query.step() == SQLITE_ROW) impl_->counts.bytes = query.integer(0) * kPageBytes;
    return ok_status();
}

#undef BGM_QUERY

}  // namespace bgm
