// The catalogue in MySQL.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp; a value that its column cannot hold is `invalid_argument` with a field like
// "tracks[3].title", and nothing of its transaction is written.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "daemon/store/connection.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct TrackQuery {
    std::string text = {};   // contained in title, artist, album or track_id, whatever the case; empty = all
    std::string genre = {};  // exactly this genre; empty = all
    bool active_only = false;
    std::uint32_t limit = 0;  // 0 = no limit
};

class TrackTable {
 public:
    explicit TrackTable(MySqlConnection& connection) : connection_(connection) {}

    /// Changes whenever any track does, whoever changed it. One index scan: a few ms for 10,000 tracks. Ask
    /// for it before the tracks: a change while they are read shows as a newer version afterwards.
    Result<std::string> version();

    /// Every matching track in order of track_id (the same catalogue is the same index), a page at a time:
    /// memory does not grow with the catalogue.
    Status for_each(const TrackQuery& query, const std::function<void(Track&&)>& on_track);

    /// Inserts or replaces by track_id, in transactions of a few hundred; unchanged rows stay untouched.
    Status upsert(std::span<const Track> tracks);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
