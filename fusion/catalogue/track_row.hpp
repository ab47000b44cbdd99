// One row of a catalogue, already cut into texts by field, made into a checked Track.
#pragma once

#include <array>
#include <string>

#include "fusion/catalogue/column_mapping.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Texts in TrackField order; empty where the row has none.
using TrackRow = std::array<std::string, kTrackFieldCount>;

/// Error.field names the field of the mistake. A title is required, and an artist unless there is a track_id;
/// the rest may be missing. Without a track_id the id is made from source, artist and title, so that
/// importing the same file again replaces its tracks instead of doubling them. Moods are normalised to sum to
/// 1 (all zero = unknown); valence and arousal that the row does not give are derived from the moods.
Result<Track> track_from_row(const TrackRow& row, const ColumnMapping& mapping);

/// Every field of the row form; a Track written so and read back is the same Track.
std::string to_json_line(const Track& track);

}  // namespace bgm
