// Which column of a foreign catalogue is which field of a Track, and what its mood words mean.
//
// A column is named by its header, by its number from 1 where there is no header, or, in JSON, by a path with
// dots
// ("file.url"). Plain data, free to copy.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fusion/catalogue/mood_vocabulary.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/result.hpp"

namespace bgm {

enum class TrackField : std::uint8_t {
    track_id,
    title,
    artist,
    album,
    genre,
    language,
    duration_ms,
    duration_s,  // the same in seconds, for the many sets that count so
    tempo_bpm,
    year,
    is_explicit,
    uri,
    license,
    moods,            // weights of several moods: a JSON object, or "joyful:0.6;energizing:0.4"
    mood,             // words of the vocabulary: one, or several separated by ; , or |
    mood_confidence,  // 0..1: how sure the set is of `mood`
    valence,
    arousal,
    source,
    active,
};
inline constexpr std::size_t kTrackFieldCount = 20;

/// The name of the field in the command line, in error messages and in the files that export writes.
std::string_view name(TrackField field);
std::optional<TrackField> track_field_from_name(std::string_view name);

struct ColumnMapping {
    std::array<std::string, kTrackFieldCount> columns;  // empty: the set has no such column
    bool has_header = true;                             // CSV and TSV only
    bool decimal_comma = false;  // 0,75 is three quarters, 1,234 a little more than one
    MoodVocabulary vocabulary;
    /// What a track gets where its row has no value: source, license, genre, language.
    Track defaults;

    std::string& column(TrackField field) { return columns.at(static_cast<std::size_t>(field)); }
    const std::string& column(TrackField field) const { return columns.at(static_cast<std::size_t>(field)); }
};

/// Every field in the column of its own name: what export writes, and the starter catalogue.
ColumnMapping own_columns();

/// "starter", "moodsic", "lastfm_clusters", "lastfm_moods", "opengameart"; not_found names the ones there
/// are.
Result<ColumnMapping> column_preset(std::string_view name);
std::span<const std::string_view> column_preset_names();

/// Applies "field=column" (`--map title=music_name`); "field=" forgets a column. invalid_argument names the
/// mistake.
Status apply_column(ColumnMapping& mapping, std::string_view assignment);

}  // namespace bgm
