// The catalogue with what was heard in it: `tracks`, each beside its row of `track_analysis`.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "fusion/catalogue/track.hpp"
#include "fusion/catalogue/track_sound.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// By what a recording is known again, and what to call it.
struct HeardFingerprint {
    std::string track_id;
    std::string title;
    std::string artist;
    float seconds = 0;
    std::vector<std::uint32_t> fingerprint;  // see fusion/catalogue/same_recording.hpp
};

struct TrackPages {
    std::size_t rows = 500;              // one with an embedding of 512 numbers is 5 KB of text
    std::function<bool()> between = {};  // may wait, so that the server has time for others; false ends
};

class HeardTracks {
 public:
    explicit HeardTracks(MySqlConnection& connection) : connection_(connection) {}

    /// Changes whenever a track or an analysis does. Ask for it before the tracks, as TrackTable::version().
    Result<std::string> version();

    /// `sound` is null where nothing was heard, or by another model than the one that is read, which `model`
    /// then names. Numbers that are none are left as they are: the catalogue's builder judges them.
    using OnTrack = std::function<void(Track&& track, const TrackSound* sound, const std::string& model)>;

    /// Every active track in the order of track_id, a page at a time, all as they are at one moment: what one
    /// transaction changes is seen as a whole or not at all.
    Status for_each(std::string_view model, const OnTrack& on_track, const TrackPages& pages = {});

    /// How many active tracks that `model` analysed have moods of their own, by the model of their embedding.
    Result<std::map<std::string, std::uint64_t>> with_moods(std::string_view model);

    /// Of every active track, in the same order; empty where nothing was heard, or by another model.
    using OnFingerprint = std::function<void(HeardFingerprint&& heard)>;
    Status for_each_fingerprint(std::string_view model, const OnFingerprint& on_fingerprint);

 private:
    Status read_pages(std::string_view model, const OnTrack& on_track, const TrackPages& pages);

    MySqlConnection& connection_;
};

}  // namespace bgm
