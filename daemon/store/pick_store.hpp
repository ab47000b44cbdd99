// Picks, dead letters, feedback and the catalogue in MySQL.
//
// Owns one connection and belongs to one thread. It connects by itself where it is not connected; waiting
// between attempts is the caller's. Writing is idempotent: the same batch twice leaves the same rows, so a
// caller that does not know whether a commit arrived simply writes again.
//
// A post has at most one current row set: rows in `picks` and `pick_tracks`, or one in `dead_posts`. What
// replaces what: a decision that is older than the stored one both by revision and by time is dropped
// silently (a late answer); every other one replaces it. Neither alone would do: revisions start again at 1
// with a new journal, and clocks step back.
//
// Errors are those of connection.hpp. A value that its column cannot hold is refused before anything is sent:
// `invalid_argument` with a field like "picks[3].user_id" or "dead[0].message" (see refused_row()), and
// nothing of the batch is written. Every other error leaves the batch to be written again later.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// Which row of a batch can never be written: the one to take out before the rest is tried again.
struct RefusedRow {
    enum class Kind { pick, dead_letter, track, feedback };
    Kind kind = Kind::pick;
    std::size_t index = 0;  // into the span that was given
};
/// Empty where the error is not about one row (then nothing is wrong with the batch).
std::optional<RefusedRow> refused_row(const Error& error);

struct TrackQuery {
    std::string text = {};   // contained in title, artist, album or track_id, whatever the case; empty = all
    std::string genre = {};  // exactly this genre; empty = all
    bool active_only = false;
    std::uint32_t limit = 0;  // 0 = no limit
};

struct CatalogueStats {
    std::uint64_t tracks = 0;
    std::uint64_t active = 0;
    std::map<std::string, std::uint64_t> by_genre;
    std::map<std::string, std::uint64_t> by_language;
    std::map<std::string, std::uint64_t>
        by_mood;  // the strongest mood of each track; "unknown" where it has none
    std::map<std::string, std::uint64_t> by_source;
};

/// Whose rows are to go: one post's, or all of one user's. Exactly one of the two is given.
struct ErasureScope {
    std::string tenant;
    std::string post_id = {};
    std::string user_id = {};
};

struct ErasedRows {
    std::uint64_t picks = 0;
    std::uint64_t pick_tracks = 0;
    std::uint64_t dead_posts = 0;
    std::uint64_t feedback = 0;
    std::vector<std::string> post_ids = {};  // of the picks and dead letters that went
};

class PickStore {
 public:
    explicit PickStore(MySqlOptions options);

    /// Does nothing where a connection stands. Every other call does this first.
    Status connect();
    bool connected() const { return connection_.connected(); }

    /// One transaction for the whole batch, whatever its size; a few hundred posts a batch are fastest.
    /// Deadlocks and lock waits are tried again a few times before they are reported as `resource_exhausted`.
    Status write(std::span<const v1::Pick* const> picks, std::span<const v1::DeadLetter* const> dead);

    /// The post was retried or dropped by an operator. Succeeds where there is no such row.
    Status remove_dead(std::string_view tenant, std::string_view post_id);

    /// Everything that these tables hold about a post or a user, feedback on the user's posts by others
    /// included. One transaction; doing it again erases nothing more.
    Result<ErasedRows> erase(const ErasureScope& scope);

    /// With its tracks, titles and all, in order.
    Result<std::optional<v1::Pick>> find_pick(std::string_view tenant, std::string_view post_id);

    /// Changes whenever any track does, whoever changed it. One index scan: a few ms for 10,000 tracks.
    Result<std::string> catalogue_version();

    /// The active tracks, ordered by track_id (so that the same catalogue is the same index). Ask for the
    /// version first: a change during the load then shows as a newer version afterwards.
    Result<std::vector<Track>> load_catalogue();

    /// Every matching track in order of track_id, a page at a time: memory does not grow with the catalogue.
    Status for_each_track(const TrackQuery& query, const std::function<void(Track&&)>& on_track);
    Result<std::vector<Track>> list_tracks(const TrackQuery& query);
    Result<CatalogueStats> catalogue_stats();

    /// Inserts or replaces by track_id, in transactions of a few hundred; unchanged rows stay untouched.
    Status upsert_tracks(std::span<const Track> tracks);

    /// The same event (all fields alike) is stored once.
    Status insert_feedback(std::span<const v1::Feedback> feedback);

 private:
    Status erase_once(const ErasureScope& scope, ErasedRows& erased);
    Status begin_transaction();
    Status in_transaction(const std::function<Status(int attempt)>& work);
    Status write_once(std::span<const v1::Pick* const> picks, std::span<const v1::DeadLetter* const> dead,
                      int attempt);

    MySqlConnection connection_;
    std::minstd_rand jitter_;
};

}  // namespace bgm
