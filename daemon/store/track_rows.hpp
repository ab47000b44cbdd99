// Catalogue entries as rows of `tracks`: the columns, their limits, and the way there and back.
#pragma once

#include <string>
#include <string_view>

#include "daemon/store/connection.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/result.hpp"

namespace bgm {

inline constexpr std::string_view kTrackColumns =
    "track_id, title, artist, album, genre, language, duration_ms, tempo_bpm, explicit, uri, license, moods, "
    "valence, "
    "arousal, source, active, year";

/// `invalid_argument` with `path` + ".column" where a value cannot be stored.
Status check(const Track& track, const std::string& path);

/// Appends "(...)" for a checked track. `scratch` is a buffer to reuse.
void append_row(std::string& sql, const Track& track, std::string& scratch);

/// Weights that are no number of a known mood are left out: operators edit this table by hand.
Track track_from_row(MySqlRow row);

}  // namespace bgm
