#include "daemon/store/track_rows.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "daemon/store/row_checks.hpp"
#include "daemon/store/sql_text.hpp"

namespace bgm {

Status check(const Track& track, const std::string& path) {
    struct TextLimit {
        std::string_view column;
        const std::string& value;
        std::size_t characters_max;
    };
    if (Status status = check_id(track.track_id, path, "track_id"); !status) return status;
    for (const TextLimit& limit : std::initializer_list<TextLimit>{
             {"title", track.title, 512},
             {"artist", track.artist, 512},
             {"album", track.album, 512},
             {"genre", track.genre, 64},
             {"language", track.language, 35},
             {"uri", track.uri, 2048},
             {"license", track.license, 255},
             {"source", track.source, 255},
         }) {
        if (Status status = check_text(limit.value, limit.characters_max, path, limit.column); !status)
            return status;
    }
    if (!std::isfinite(track.tempo_bpm) || track.tempo_bpm < 0)
        return refused(path, "tempo_bpm", "not a tempo");
    if (track.year > kYearMax) return refused(path, "year", "not a year up to 2999");
    if (!(std::abs(track.affect.valence) <= 1)) return refused(path, "valence", "not between -1 and 1");
    if (!(std::abs(track.affect.arousal) <= 1)) return refused(path, "arousal", "not between -1 and 1");
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        if (std::isfinite(track.moods[mood]) && track.moods[mood] >= 0) continue;
        return refused(path, "moods." + std::string(name(static_cast<Mood>(mood))),
                       "not a weight of 0 or more");
    }
    return ok_status();
}

void append_row(std::string& sql, const Track& track, std::string& scratch) {
    scratch = "{";
    for (std::size_t mood = 0; mood < kMoodCount; ++mood) {
        if (track.moods[mood] == 0) continue;
        if (scratch.size() > 1) scratch.push_back(',');
        append_json_text(scratch, name(static_cast<Mood>(mood)));
        scratch.push_back(':');
        append_json_number(scratch, track.moods[mood]);
    }
    scratch.push_back('}');

    append_sql_row(sql, track.track_id, track.title, track.artist, track.album, track.genre, track.language,
                   track.duration_ms, track.tempo_bpm, track.is_explicit, track.uri, track.license, scratch,
                   track.affect.valence, track.affect.arousal, track.source, track.active, track.year);
}

Track track_from_row(MySqlRow row) {
    const auto text = [&](std::size_t column) { return row[column].value_or(""); };
    Track track;
    track.track_id = text(0);
    track.title = text(1);
    track.artist = text(2);
    track.album = text(3);
    track.genre = text(4);
    track.language = text(5);
    track.duration_ms = sql_number<std::uint32_t>(row[6]);
    track.tempo_bpm = sql_number<float>(row[7]);
    track.is_explicit = text(8) != "0";
    track.uri = text(9);
    track.license = text(10);
    const auto moods = nlohmann::json::parse(text(11), nullptr, false);
    if (moods.is_object()) {
        for (const auto& [mood_name, weight] : moods.items()) {
            const std::optional<Mood> mood = mood_from_name(mood_name);
            if (!mood || !weight.is_number()) continue;
            const auto value = weight.get<float>();
            if (std::isfinite(value) && value > 0) track.moods[static_cast<std::size_t>(*mood)] = value;
        }
    }
    track.affect.valence = sql_number<float>(row[12]);
    track.affect.arousal = sql_number<float>(row[13]);
    track.source = text(14);
    track.active = text(15) != "0";
    track.year = std::min(sql_number<std::uint32_t>(row[16]), kYearMax);
    return track;
}

}  // namespace bgm
