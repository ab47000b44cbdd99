// The journal's rows, and the moves that they make.
//
// One row per (tenant, post_id): the current revision of the post and its state. Used by one thread. Every
// statement runs inside the transaction that begin() opened; nothing is durable before commit() has returned.
//
// Every error of these calls is the store's: the transaction cannot go on, and after rollback() the same may
// be tried again (`retryable`). The exception is `invalid_argument`, a row that can never be stored. A move
// that finds its row elsewhere is no error: it gives false.
//
// A `seq` is given to one post only, as long as the journal is open: nothing that was begun for a post which
// has been erased since can reach another one.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/event_ids.hpp"
#include "daemon/base/readings.hpp"
#include "daemon/journal/journal_database.hpp"
#include "schemas/api_key.hpp"
#include "schemas/post_state.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct NewPost {
    std::string tenant;
    std::string post_id;
    int priority = 0;
    std::string content_hash;  // equal content, equal hash
    std::string post;          // protobuf v1::Post
    std::string media;         // name of the folder with its inline media; empty where there is none
    /// A dead letter of a post of that time is retried: the same content is no duplicate, another one that
    /// was accepted later is not replaced.
    std::optional<std::int64_t> retry_of_ms = std::nullopt;
};

struct Acceptance {
    bool duplicate = false;
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    PostState replaced = PostState::accepted;  // where revision > 1: the state the earlier revision was in
    std::string replaced_media = {};           // and its media, to be erased after the commit
};

/// A row as it lies in the journal; blobs are protobuf.
struct JournalRow {
    std::int64_t seq = 0;
    std::uint32_t revision = 0;
    PostState state = PostState::accepted;
    std::string post;
    std::string pick;
    std::string dead;
    std::string media;
    std::int64_t accepted_ms = 0;
    int priority = 0;
    std::string tenant = {};
    std::string post_id = {};
    std::uint64_t event_id = 0;  // where the journal keeps the events
};

class JournalStore {
 public:
    /// Opens or creates the file, which holds `bytes_max` bytes at most, or what it has grown to already. A
    /// journal of an older schema version is brought up to date; a newer one is refused. Where seven eighths
    /// of `room_bytes` are in use, or the disk has little left, each commit forgets delivered rows, the
    /// oldest first.
    static Result<std::unique_ptr<JournalStore>> open(const std::filesystem::path& file,
                                                      std::int64_t bytes_max,
                                                      std::int64_t room_bytes = INT64_MAX);
    ~JournalStore();
    JournalStore(const JournalStore&) = delete;
    JournalStore& operator=(const JournalStore&) = delete;

    /// From now on a commit need not reach the disk: what is stored is kept safe by others.
    Status relax();

    Status begin();
    /// Returns after the transaction has reached the disk. `resource_exhausted` where there is no room for
    /// it.
    Status commit();
    void rollback();
    /// A commit that failed may still lie in the WAL, whole, and a start after a crash would find it there.
    /// Once a transaction with this in it is committed, no failed one before it can come back.
    Status bury_failed_commits();

    Result<Acceptance> accept(const NewPost& post, std::int64_t now_ms);
    /// False where the row has moved on to a newer revision: then nothing is changed.
    Result<bool> set_picked(std::int64_t seq, std::uint32_t revision, std::string_view pick, PostState state,
                            std::int64_t now_ms);
    Result<bool> set_dead(std::int64_t seq, std::uint32_t revision, std::string_view dead,
                          std::int64_t now_ms);
    /// A picked row was written, and need not hold its pick any more.
    Result<bool> set_delivered(std::int64_t seq, std::uint32_t revision, std::int64_t now_ms);
    Result<bool> set_dead_synced(std::int64_t seq, std::uint32_t revision);

    /// The first rows that wait for analysis, live before backfill, oldest first. Keys only.
    Result<std::vector<std::int64_t>> waiting(std::size_t limit);
    /// Rows that wait for delivery: dead letters that are not in MySQL yet, then picks, live before backfill,
    /// oldest first.
    Result<std::vector<std::int64_t>> undelivered(std::size_t limit);
    Result<std::optional<JournalRow>> row(std::int64_t seq);
    Result<std::optional<JournalRow>> find(std::string_view tenant, std::string_view post_id);
    /// Dead rows after `after_seq`, of one tenant or (empty) of all.
    Result<std::vector<JournalRow>> dead(std::string_view tenant, std::int64_t after_seq, std::size_t limit);
    /// Every row of a tenant after `after_seq`, in order.
    Result<std::vector<JournalRow>> rows_of(std::string_view tenant, std::int64_t after_seq,
                                            std::size_t limit);
    /// Back to `accepted`, as the same revision.
    Status retry_dead(std::int64_t seq, std::int64_t now_ms);
    Status erase(std::int64_t seq);
    /// What MySQL holds, a picked or dead row of this revision, goes at once. False where there is no such
    /// row.
    Result<bool> erase_settled(std::int64_t seq, std::uint32_t revision);
    /// Forgets delivered rows that have not changed since `before_ms`; at most `limit` a call.
    /// How many they were.
    Result<std::int64_t> forget_delivered(std::int64_t before_ms, std::int64_t limit);
    /// Every media folder that a row names, whatever its state.
    Result<std::vector<std::string>> media_in_use();

    /// From now on what is picked or dead gets the next event_id: there is no MySQL that gives them.
    Status keep_events();
    /// Of the last one that was picked or died.
    std::uint64_t last_event_id() const { return last_event_id_; }
    /// Rows of a tenant with an event_id after `after`, in that order.
    Result<std::vector<JournalRow>> events(std::string_view tenant, std::uint64_t after, std::size_t limit);
    /// Of a tenant's last event; 0 where there is none.
    Result<std::uint64_t> newest_event(std::string_view tenant);

    /// The keys of the door, in the order of their ids (journal_keys.cpp).
    Result<std::vector<ApiKey>> api_keys();
    /// A new one, or what has become of one.
    Status put_api_key(const ApiKey& key);
    /// These and no others.
    Status replace_api_keys(const std::vector<ApiKey>& keys);

    /// Maintained by the calls above; exact after the last commit.
    const JournalCounts& counts() const;
    /// Reads what cannot be maintained (age, size), and is told what the disk has left for the file.
    Status refresh_counts(std::int64_t now_ms, std::int64_t disk_bytes = INT64_MAX);

 private:
    JournalStore(std::unique_ptr<JournalDatabase> database, std::int64_t bytes_max, std::int64_t room_bytes);
    Status load();
    Status store_counts();
    Status measure_use();
    Status make_room();
    std::int64_t room_for_delivered() const;
    Result<std::int64_t> forget(std::int64_t before_ms, std::int64_t limit);
    std::int64_t next_event_id();
    std::int64_t& count(PostState state) { return counts_.by_state.at(static_cast<std::size_t>(state)); }

    const std::unique_ptr<JournalDatabase> database_;
    const std::int64_t bytes_max_;
    const std::int64_t room_bytes_;
    std::int64_t spill_bytes_ = 0;  // where more is in use, even delivered rows are no reason to take posts
    std::int64_t disk_bytes_ = INT64_MAX;
    std::int64_t next_seq_ = 1;
    bool keeps_events_ = false;
    EventIds event_ids_;
    std::uint64_t last_event_id_ = 0;
    JournalCounts counts_;     // with what this transaction changes
    JournalCounts committed_;  // without
};

}  // namespace bgm
