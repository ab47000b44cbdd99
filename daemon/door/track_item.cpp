#include "daemon/door/track_item.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace bgm {

using nlohmann::json;

double plain_number(float value) {
    std::array<char, 32> text{};
    double number = value;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
    std::from_chars(text.data(), written.ptr, number);
    return number;
}

json track_item(const Catalogue& catalogue, std::uint32_t index) {
    const TrackView track = catalogue.track(index);
    json moods = json::object();
    for (std::size_t i = 0; i < kMoodCount; ++i)
        moods[std::string(name(static_cast<Mood>(i)))] = plain_number(track.moods.at(i));
    json item{{"track_id", track.track_id},
              {"title", track.title},
              {"artist", track.artist},
              {"album", track.album},
              {"genre", track.genre},
              {"language", track.language},
              {"duration_ms", track.duration_ms},
              {"tempo_bpm", plain_number(track.tempo_bpm)},
              {"explicit", track.is_explicit},
              {"uri", track.uri},
              {"moods", std::move(moods)},
              {"valence", plain_number(track.affect.valence)},
              {"arousal", plain_number(track.affect.arousal)}};
    if (track.year != 0) item["year"] = track.year;
    if (track.heard) {
        item["start_ms"] = track.start_ms;
        item["loudness_lufs"] = plain_number(track.loudness_lufs);
    }
    if (const auto ear = catalogue.sound_map().place(catalogue.sounds(), index))
        item["ear"] = {plain_number((*ear)[0]), plain_number((*ear)[1])};
    return item;
}

}  // namespace bgm
