#include "fusion/catalogue/column_mapping.hpp"

#include <algorithm>

namespace bgm {
namespace {

constexpr std::array<std::string_view, kTrackFieldCount> kFieldNames{
    "track_id",   "title",           "artist",  "album",    "genre",  "language", "duration_ms",
    "duration_s", "tempo_bpm",       "year",    "explicit", "uri",    "license",  "moods",
    "mood",       "mood_confidence", "valence", "arousal",  "source", "active"};

ColumnMapping moodsic() {
    ColumnMapping mapping;
    mapping.column(TrackField::title) = "title";
    mapping.column(TrackField::artist) = "artist";
    mapping.column(TrackField::genre) = "class";
    mapping.column(TrackField::uri) = "youtube_top_url";
    mapping.column(TrackField::mood) = "mood";
    mapping.column(TrackField::mood_confidence) = "per";
    mapping.vocabulary = moodsic_moods();
    mapping.defaults.source = "moodsic";
    return mapping;
}

ColumnMapping lastfm(MoodVocabulary vocabulary) {
    ColumnMapping mapping;
    mapping.column(TrackField::title) = "music_name";
    mapping.column(TrackField::artist) = "artist";
    mapping.column(TrackField::duration_s) = "duration";
    mapping.column(TrackField::uri) = "youtube_url";
    mapping.column(TrackField::mood) = "mood_EN";
    mapping.vocabulary = std::move(vocabulary);
    mapping.defaults.source = "lastfm";
    return mapping;
}

ColumnMapping opengameart() {
    ColumnMapping mapping;
    mapping.column(TrackField::title) = "name";
    mapping.column(TrackField::artist) = "author";
    mapping.column(TrackField::genre) = "genre";
    mapping.column(TrackField::license) = "license";
    mapping.column(TrackField::uri) = "source";
    mapping.column(TrackField::mood) = "tags";
    mapping.vocabulary = game_music_tags();
    mapping.defaults.source = "opengameart";
    return mapping;
}

constexpr std::array<std::string_view, 5> kPresetNames{"starter", "moodsic", "lastfm_clusters",
                                                       "lastfm_moods", "opengameart"};

}  // namespace

std::string_view name(TrackField field) {
    return kFieldNames.at(static_cast<std::size_t>(field));
}

std::optional<TrackField> track_field_from_name(std::string_view wanted) {
    const auto found = std::find(kFieldNames.begin(), kFieldNames.end(), wanted);
    if (found == kFieldNames.end()) return std::nullopt;
    return static_cast<TrackField>(found - kFieldNames.begin());
}

ColumnMapping own_columns() {
    ColumnMapping mapping;
    std::copy(kFieldNames.begin(), kFieldNames.end(), mapping.columns.begin());
    return mapping;
}

std::span<const std::string_view> column_preset_names() {
    return kPresetNames;
}

Result<ColumnMapping> column_preset(std::string_view wanted) {
    if (wanted == "starter") return own_columns();
    if (wanted == "moodsic") return moodsic();
    if (wanted == "lastfm_clusters") return lastfm(lastfm_clusters());
    if (wanted == "lastfm_moods") return lastfm(lastfm_moods());
    if (wanted == "opengameart") return opengameart();
    std::string known;
    for (const std::string_view preset : kPresetNames)
        known.append(known.empty() ? "" : ", ").append(preset);
    return Error{ErrorCode::not_found, "no preset '" + std::string(wanted) + "'; there are " + known,
                 "preset"};
}

Status apply_column(ColumnMapping& mapping, std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    const auto field = track_field_from_name(assignment.substr(0, equals));
    if (equals == std::string_view::npos || !field) {
        std::string known;
        for (const std::string_view field_name : kFieldNames)
            known.append(known.empty() ? "" : ", ").append(field_name);
        return Error{ErrorCode::invalid_argument,
                     "'" + std::string(assignment) + "' is not field=column; the fields are " + known, "map"};
    }
    mapping.column(*field) = assignment.substr(equals + 1);
    return ok_status();
}

}  // namespace bgm
