#include "daemon/journal/journal_schema.hpp"

#include <array>
#include <string>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr const char* kVersion1 = R"sql(
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

// What a start has to know must not be looked for among millions of delivered rows: how many posts are in
// each state is kept, and the media of those that need it has an index.
constexpr const char* kVersion2 = R"sql(
CREATE INDEX posts_media ON posts (media) WHERE media <> '';
CREATE TABLE counts (
    state INTEGER PRIMARY KEY,
    posts INTEGER NOT NULL
) STRICT;
INSERT INTO counts VALUES
    (0, (SELECT count(*) FROM posts WHERE state = 0)),
    (2, (SELECT count(*) FROM posts WHERE state = 2)),
    (3, (SELECT count(*) FROM posts WHERE state = 3)),
    (4, (SELECT count(*) FROM posts WHERE state = 4));
)sql";

// The order of events, where the journal is the only home of picks and dead letters, and the keys of the
// door. Of posts that are delivered to MySQL the event_id stays 0, and the index empty.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE posts ADD COLUMN event_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX posts_events ON posts (tenant, event_id) WHERE event_id > 0;
CREATE TABLE api_keys (
    key_id     TEXT PRIMARY KEY,
    digest     TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::array kVersions{kVersion1, kVersion2, kVersion3};
static_assert(kVersions.size() == kJournalVersion);

}  // namespace

Status prepare_journal(JournalDatabase& database, const std::filesystem::path& file) {
    const auto version = database.number("PRAGMA user_version");
    if (!version) return version.error();
    if (*version == kJournalVersion) return ok_status();
    if (*version < 0 || *version > kJournalVersion) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "journal: " + file.string() + " has schema version " +
                                std::to_string(*version) + ", this bgmd knows " +
                                std::to_string(kJournalVersion)};
    }
    const Stopwatch stopwatch;
    std::string script = "BEGIN IMMEDIATE;";
    for (auto step = static_cast<std::size_t>(*version); step < kVersions.size(); ++step)
        script += kVersions.at(step);
    const auto done =
        database.execute(script + "PRAGMA user_version = " + std::to_string(kJournalVersion) + ";COMMIT");
    if (done && *version > 0) {
        log_info("journal brought up to date", {{"from", std::to_string(*version)},
                                                {"to", std::to_string(kJournalVersion)},
                                                {"seconds", std::to_string(stopwatch.seconds())}});
    }
    return done;
}

}  // namespace bgm
