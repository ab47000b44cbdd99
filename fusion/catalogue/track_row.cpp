#include "fusion/catalogue/track_row.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "schemas/ascii.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

// In bytes. They keep a row within the columns of the `tracks` table whatever the script of its letters.
constexpr std::size_t kTrackIdBytesMax = 128;
constexpr std::size_t kNameBytesMax = 512;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kLicenseBytesMax = 128;
constexpr std::size_t kUriBytesMax = 2048;

constexpr std::uint32_t kDurationMsMax = 24U * 60 * 60 * 1000;
constexpr float kTempoBpmMax = 1000;

Error mistake(TrackField field, std::string what) {
    return Error{ErrorCode::invalid_argument, std::move(what), std::string(name(field))};
}

// Runs of blanks, tabs and line ends become one space; outer ones go.
std::string without_edges(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(kBlank) - begin + 1));
}

std::string one_line(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    bool pending = false;
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            pending = !result.empty();
            continue;
        }
        if (pending) result.push_back(' ');
        pending = false;
        result.push_back(c);
    }
    return result;
}

// "0,75" among commas stands in quotes; "215,000" may as well be thousands.
bool only_a_decimal_comma(std::string_view value) {
    if (!value.empty() && (value[0] == '-' || value[0] == '+')) value.remove_prefix(1);
    const std::size_t comma = value.find(',');
    if (comma == std::string_view::npos || value.find_first_not_of("0123456789,") != std::string_view::npos)
        return false;
    const std::string_view behind = value.substr(comma + 1);
    return behind.find(',') == std::string_view::npos &&
           (value.substr(0, comma) == "0" || behind.size() != 3);
}

class RowReader {
 public:
    RowReader(const TrackRow& row, const ColumnMapping& mapping)
        : row_(row), track_(mapping.defaults), decimal_comma_(mapping.decimal_comma) {}

    const std::string& text(TrackField field) const { return row_.at(static_cast<std::size_t>(field)); }
    bool given(TrackField field) const {
        return text(field).find_first_not_of(" \t\r\n") != std::string::npos;
    }

    Status read_text(TrackField field, std::string Track::*member, std::size_t bytes_max) {
        if (!valid_utf8(text(field))) return mistake(field, "not valid UTF-8");
        // A name may be written over two lines; with an address every byte counts.
        std::string value = field == TrackField::uri ? without_edges(text(field)) : one_line(text(field));
        if (value.empty()) return ok_status();
        if (value.find_first_of("\r\n") != std::string::npos) return mistake(field, "holds a line break");
        if (value.size() > bytes_max)
            return mistake(field, "longer than " + std::to_string(bytes_max) + " bytes");
        if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
            return mistake(field, "holds a control character");
        }
        track_.*member = std::move(value);
        return ok_status();
    }

    Result<std::optional<double>> read_number(TrackField field, double least, double most) const {
        if (!given(field)) return std::optional<double>{};
        const std::string value = with_decimal_point(one_line(text(field)));
        const double number = number_from<double>(value).value_or(NAN);
        if (!std::isfinite(number)) {
            return mistake(field, "'" + std::string(truncate_utf8(valid_utf8(value) ? value : "?", 40)) +
                                      "' is not a number");
        }
        if (number < least || number > most) {
            return mistake(field, "outside " + std::to_string(static_cast<int>(least)) + ".." +
                                      std::to_string(static_cast<int>(most)));
        }
        return std::optional<double>{number};
    }

    // "3:45" and "1:02:03" as seconds.
    Result<std::optional<double>> read_seconds(TrackField field, double most) const {
        const std::string value = one_line(text(field));
        if (value.find(':') == std::string::npos) return read_number(field, 0, most);
        double seconds = 0;
        std::string_view rest = value;
        for (int part = 0; part < 3; ++part) {
            const std::size_t colon = std::min(rest.find(':'), rest.size());
            const auto number = number_from<unsigned>(rest.substr(0, colon));
            if (!number || colon > 4 || (part > 0 && *number > 59)) break;
            seconds = seconds * 60 + *number;
            if (colon == rest.size() && seconds <= most) return std::optional<double>{seconds};
            rest.remove_prefix(std::min(colon + 1, rest.size()));
        }
        return mistake(field, "is no length such as 3:45");
    }

    Result<std::optional<bool>> read_flag(TrackField field) const {
        if (!given(field)) return std::optional<bool>{};
        const std::string value = ascii_lower(one_line(text(field)));
        // Excel writes its own two words in the language of the system.
        for (const std::string_view yes :
             {"true", "1", "yes", "y", "o", "wahr", "ja", "vrai", "oui", "예", "참"})
            if (value == yes) return std::optional<bool>{true};
        for (const std::string_view no :
             {"false", "0", "no", "n", "x", "falsch", "nein", "faux", "non", "아니오", "거짓"})
            if (value == no) return std::optional<bool>{false};
        return mistake(field, "expected true or false");
    }

    Track& track() { return track_; }

    /// A comma between digits is a point where the file writes so.
    std::string with_decimal_point(std::string value) const {
        const bool decimal = decimal_comma_ || only_a_decimal_comma(value);
        for (std::size_t i = 1; decimal && i + 1 < value.size(); ++i) {
            const auto digit = [](char c) { return c >= '0' && c <= '9'; };
            if (value[i] == ',' && digit(value[i - 1]) && digit(value[i + 1])) value[i] = '.';
        }
        return value;
    }

 private:
    const TrackRow& row_;
    Track track_;
    bool decimal_comma_;
};

// The moods' places on the plane, weighted; {0, 0} where nothing is known.
Affect affect_of(const std::array<float, kMoodCount>& moods) {
    const float sum = std::accumulate(moods.begin(), moods.end(), 0.0F);
    Affect result;
    if (!(sum > 0)) return result;
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        const Affect place = affect(static_cast<Mood>(i));
        result.valence += moods[i] / sum * place.valence;
        result.arousal += moods[i] / sum * place.arousal;
    }
    return result;
}

MoodMeaning average(const std::vector<MoodMeaning>& meanings) {
    MoodMeaning result;
    Affect place;
    const float share = 1.0F / static_cast<float>(meanings.size());
    for (const MoodMeaning& meaning : meanings) {
        for (std::size_t i = 0; i < kMoodCount; ++i)
            result.moods[i] += share * meaning.moods[i];
        const Affect own = meaning.affect.value_or(affect_of(meaning.moods));
        place.valence += share * own.valence;
        place.arousal += share * own.arousal;
    }
    result.affect = place;
    return result;
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(";,|"), text.size());
        if (text.substr(0, end).find_first_not_of(" \t") != std::string_view::npos)
            result.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

// A set that is 0.7 sure of its word gives the remaining 0.3 to its other words evenly: that is what the
// classifiers that publish such a figure mean by it. Free tags have no such rest; there it goes to all moods.
MoodMeaning weaken(const MoodMeaning& stated, float confidence, const MoodVocabulary& vocabulary) {
    std::vector<MoodMeaning> others;
    for (const auto& [word, meaning] : vocabulary.meanings) {
        if (vocabulary.closed && meaning.moods != stated.moods) others.push_back(meaning);
    }
    if (others.empty()) {
        MoodMeaning even{.moods = {}, .affect = Affect{}};
        even.moods.fill(1.0F / static_cast<float>(kMoodCount));
        others.push_back(even);
    }
    const MoodMeaning rest = average(others);
    const Affect place = stated.affect.value_or(affect_of(stated.moods));
    MoodMeaning result;
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        result.moods[i] = confidence * stated.moods[i] + (1 - confidence) * rest.moods[i];
    }
    result.affect = Affect{confidence * place.valence + (1 - confidence) * rest.affect->valence,
                           confidence * place.arousal + (1 - confidence) * rest.affect->arousal};
    return result;
}

Status read_mood_words(RowReader& reader, const MoodVocabulary& vocabulary) {
    const std::string& text = reader.text(TrackField::mood);
    if (!valid_utf8(text)) return mistake(TrackField::mood, "not valid UTF-8");
    std::vector<MoodMeaning> known;
    for (const std::string_view word : words(text)) {
        if (auto meaning = vocabulary.find(word)) {
            known.push_back(*meaning);
        } else if (vocabulary.closed) {
            return mistake(TrackField::mood,
                           "'" + std::string(truncate_utf8(word, 40)) + "' is not in the mood map");
        }
    }
    if (known.empty()) return ok_status();
    MoodMeaning meaning = average(known);
    const auto confidence = reader.read_number(TrackField::mood_confidence, 0, 1);
    if (!confidence) return confidence.error();
    if (*confidence) meaning = weaken(meaning, static_cast<float>(**confidence), vocabulary);
    reader.track().moods = meaning.moods;
    reader.track().affect = *meaning.affect;
    return ok_status();
}

Status read_mood_weights(RowReader& reader) {
    std::string text = reader.with_decimal_point(reader.text(TrackField::moods));
    // A JSON object in a CSV cell is the form that the `tracks` table exports.
    std::erase_if(text, [](char c) { return c == '{' || c == '}' || c == '"'; });
    auto weights = parse_mood_weights(text);
    if (!weights) return mistake(TrackField::moods, weights.error().message);
    if (*std::max_element(weights->begin(), weights->end()) > 1) {
        const float sum = std::accumulate(weights->begin(), weights->end(), 0.0F);
        if (!std::isfinite(sum)) return mistake(TrackField::moods, "weights too large");
        for (float& weight : *weights)
            weight /= sum;
    }
    reader.track().moods = *weights;
    reader.track().affect = affect_of(*weights);
    return ok_status();
}

Status read_moods(RowReader& reader, const MoodVocabulary& vocabulary) {
    if (reader.given(TrackField::moods)) {
        if (auto read = read_mood_weights(reader); !read) return read;
    } else if (reader.given(TrackField::mood)) {
        if (auto read = read_mood_words(reader, vocabulary); !read) return read;
    }
    const auto valence = reader.read_number(TrackField::valence, -1, 1);
    if (!valence) return valence.error();
    const auto arousal = reader.read_number(TrackField::arousal, -1, 1);
    if (!arousal) return arousal.error();
    if (*valence) reader.track().affect.valence = static_cast<float>(**valence);
    if (*arousal) reader.track().affect.arousal = static_cast<float>(**arousal);
    return ok_status();
}

Status read_names(RowReader& reader) {
    struct TextField {
        TrackField field;
        std::string Track::*member;
        std::size_t bytes_max;
    };
    constexpr TextField kTexts[] = {
        {TrackField::track_id, &Track::track_id, kTrackIdBytesMax},
        {TrackField::title, &Track::title, kNameBytesMax},
        {TrackField::artist, &Track::artist, kNameBytesMax},
        {TrackField::album, &Track::album, kNameBytesMax},
        {TrackField::genre, &Track::genre, kWordBytesMax},
        {TrackField::language, &Track::language, kWordBytesMax / 2},
        {TrackField::uri, &Track::uri, kUriBytesMax},
        {TrackField::license, &Track::license, kLicenseBytesMax},
        {TrackField::source, &Track::source, kWordBytesMax},
    };
    for (const TextField& text : kTexts) {
        if (auto read = reader.read_text(text.field, text.member, text.bytes_max); !read) return read;
    }
    Track& track = reader.track();
    track.genre = ascii_lower(std::move(track.genre));
    if (track.title.empty()) return mistake(TrackField::title, "missing");
    if (track.artist.empty() && track.track_id.empty()) return mistake(TrackField::artist, "missing");
    return ok_status();
}

Status read_numbers(RowReader& reader) {
    Track& track = reader.track();
    const auto milliseconds = reader.read_number(TrackField::duration_ms, 0, kDurationMsMax);
    if (!milliseconds) return milliseconds.error();
    const auto seconds = reader.read_seconds(TrackField::duration_s, kDurationMsMax / 1000.0);
    if (!seconds) return seconds.error();
    if (*seconds) track.duration_ms = static_cast<std::uint32_t>(std::lround(**seconds * 1000));
    if (*milliseconds) track.duration_ms = static_cast<std::uint32_t>(std::lround(**milliseconds));
    const auto tempo = reader.read_number(TrackField::tempo_bpm, 0, kTempoBpmMax);
    if (!tempo) return tempo.error();
    if (*tempo) track.tempo_bpm = static_cast<float>(**tempo);
    const auto year = reader.read_number(TrackField::year, 0, kYearMax);
    if (!year) return year.error();
    if (*year) track.year = static_cast<std::uint32_t>(**year);
    const auto is_explicit = reader.read_flag(TrackField::is_explicit);
    if (!is_explicit) return is_explicit.error();
    if (*is_explicit) track.is_explicit = **is_explicit;
    const auto active = reader.read_flag(TrackField::active);
    if (!active) return active.error();
    if (*active) track.active = **active;
    return ok_status();
}

// FNV-1a, 64 bits: at a million tracks the chance that two of them share an id is below 1 in 10 million.
std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
    for (const unsigned char c : text)
        hash = (hash ^ c) * 0x100000001B3U;
    return hash;
}

std::string derived_id(const Track& track) {
    std::uint64_t hash = fnv1a(ascii_lower(track.artist), 0xCBF29CE484222325U);
    hash = fnv1a(std::string_view("\0", 1), hash);
    hash = fnv1a(ascii_lower(track.title), hash);
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string id = track.source.empty() ? "track:" : track.source + ":";
    for (int shift = 60; shift >= 0; shift -= 4)
        id.push_back(kHex[(hash >> shift) & 15U]);
    return id;
}

}  // namespace

Result<Track> track_from_row(const TrackRow& row, const ColumnMapping& mapping) {
    RowReader reader(row, mapping);
    if (auto read = read_names(reader); !read) return read.error();
    if (auto read = read_numbers(reader); !read) return read.error();
    if (auto read = read_moods(reader, mapping.vocabulary); !read) return read.error();
    Track& track = reader.track();
    if (track.track_id.empty()) track.track_id = derived_id(track);
    return std::move(track);
}

}  // namespace bgm
