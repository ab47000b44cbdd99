#include <charconv>
#include <nlohmann/json.hpp>

#include "fusion/catalogue/track_row.hpp"
#include "schemas/json_text.hpp"

namespace bgm {
namespace {

// The shortest text that reads back as the same float; a double would print 0.6 as 0.6000000238418579.
std::string shortest(float value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

std::string quoted(const std::string& text) {
    return json_line(nlohmann::json(text));
}

}  // namespace

std::string to_json_line(const Track& track) {
    std::string line = "{";
    const auto add = [&line](TrackField field, const std::string& json) {
        line.append(line.size() > 1 ? ", \"" : "\"").append(name(field)).append("\": ").append(json);
    };
    add(TrackField::track_id, quoted(track.track_id));
    add(TrackField::title, quoted(track.title));
    add(TrackField::artist, quoted(track.artist));
    add(TrackField::album, quoted(track.album));
    add(TrackField::genre, quoted(track.genre));
    add(TrackField::language, quoted(track.language));
    add(TrackField::duration_ms, std::to_string(track.duration_ms));
    add(TrackField::tempo_bpm, shortest(track.tempo_bpm));
    if (track.year != 0) add(TrackField::year, std::to_string(track.year));
    add(TrackField::is_explicit, track.is_explicit ? "true" : "false");
    add(TrackField::uri, quoted(track.uri));
    add(TrackField::license, quoted(track.license));
    std::string moods = "{";
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        if (track.moods[i] == 0) continue;
        moods.append(moods.size() > 1 ? ", \"" : "\"").append(name(static_cast<Mood>(i))).append("\": ");
        moods.append(shortest(track.moods[i]));
    }
    add(TrackField::moods, moods + "}");
    add(TrackField::valence, shortest(track.affect.valence));
    add(TrackField::arousal, shortest(track.affect.arousal));
    add(TrackField::source, quoted(track.source));
    if (!track.active) add(TrackField::active, "false");
    return line + "}";
}

}  // namespace bgm
