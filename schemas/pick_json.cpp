#include "schemas/pick_json.hpp"

#include <google/protobuf/util/time_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "schemas/codec.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

namespace pb = google::protobuf;

// Bytes that may begin what the library escapes: controls, quotes, backslashes, angle brackets, and the lead
// bytes of characters that are invisible or steer the line.
constexpr auto kMayNeedEscape = [] {
    std::array<bool, 256> bytes{};
    for (std::size_t byte = 0; byte < 0x20; ++byte)
        bytes[byte] = true;
    for (const unsigned byte :
         {0x22U, 0x3CU, 0x3EU, 0x5CU, 0x7FU, 0xC2U, 0xD8U, 0xDBU, 0xDCU, 0xE1U, 0xE2U, 0xEFU, 0xF0U, 0xF3U})
        bytes[byte] = true;
    return bytes;
}();

class Writer {
 public:
    void text(std::string_view value) {
        const bool plain = std::ranges::none_of(
            value, [](char byte) { return kMayNeedEscape[static_cast<unsigned char>(byte)]; });
        if (plain && valid_utf8(value)) {
            json_.push_back('"');
            json_ += value;
            json_.push_back('"');
            return;
        }
        pb::StringValue alone;  // whose JSON is the string's
        alone.set_value(value.data(), value.size());
        json_ += to_json(alone);
    }

    // As the library does: six digits where they read back as the same number, else nine, and nine of what is
    // too small to be read back without a warning.
    void number(float value) {
        if (!std::isfinite(value)) {
            json_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
            return;
        }
        std::array<char, 32> digits{};
        char* const begin = digits.data();
        char* end = begin;
        float again = 0;
        for (const int count : {6, 9}) {
            end = std::to_chars(begin, begin + digits.size(), value, std::chars_format::general, count).ptr;
            std::from_chars(begin, end, again);
            if (again == value && std::fpclassify(value) != FP_SUBNORMAL) break;
        }
        json_.append(begin, end);
    }
    void number(std::uint64_t value) {  // a text: many readers have no more than 53 bits for a number
        json_.push_back('"');
        json_ += std::to_string(value);
        json_.push_back('"');
    }
    void number(std::uint32_t value) { json_ += std::to_string(value); }
    void flag(bool value) { json_ += value ? "true" : "false"; }
    void message(const pb::Message& value) { json_ += to_json(value); }
    void time(const pb::Timestamp& value) {
        json_.push_back('"');
        json_ += pb::util::TimeUtil::ToString(value);
        json_.push_back('"');
    }

    void name(std::string_view name) {
        comma();
        json_.push_back('"');
        json_ += name;
        json_ += "\":";
    }
    void comma() {
        if (json_.back() != '{' && json_.back() != '[') json_.push_back(',');
    }
    void open(char bracket) { json_.push_back(bracket); }
    void close(char bracket) { json_.push_back(bracket); }

    void text(std::string_view field, std::string_view value) {
        name(field);
        text(value);
    }
    template <typename Number>
    void number(std::string_view field, Number value) {
        name(field);
        number(value);
    }
    template <typename Entries, typename Write>
    void list(std::string_view field, const Entries& entries, Write write) {
        name(field);
        open('[');
        for (const auto& entry : entries) {
            comma();
            write(entry);
        }
        close(']');
    }
    void weights(std::string_view field, const pb::Map<std::string, float>& weights) {
        name(field);
        open('{');
        for (const auto& [key, weight] : weights) {
            comma();
            text(key);
            json_.push_back(':');
            number(weight);
        }
        close('}');
    }

    std::string take() { return std::move(json_); }
    void reserve(std::size_t bytes) { json_.reserve(bytes); }

 private:
    std::string json_;
};

void write(Writer& json, const v1::PickTrack& track) {
    json.open('{');
    json.number("position", track.position());
    json.text("track_id", track.track_id());
    json.text("title", track.title());
    json.text("artist", track.artist());
    json.text("uri", track.uri());
    json.number("score", track.score());
    json.number("start_ms", track.start_ms());
    if (track.has_reason()) {
        const v1::Reason& reason = track.reason();
        json.name("reason");
        json.open('{');
        json.text("text", reason.text());
        json.list("moods", reason.moods(), [&](const std::string& mood) { json.text(mood); });
        json.number("mood_match", reason.mood_match());
        json.number("affect_match", reason.affect_match());
        json.number("sound_match", reason.sound_match());
        json.number("taste_match", reason.taste_match());
        json.number("words_match", reason.words_match());
        json.number("chance", reason.chance());
        json.close('}');
    }
    json.close('}');
}

}  // namespace

std::string pick_json(const v1::Pick& pick) {
    Writer json;
    json.reserve(4096);
    json.open('{');
    json.text("tenant", pick.tenant());
    json.text("post_id", pick.post_id());
    json.number("revision", pick.revision());
    json.text("user_id", pick.user_id());
    json.text("mood", pick.mood());
    json.number("confidence", pick.confidence());
    json.name("ambiguous");
    json.flag(pick.ambiguous());
    json.number("valence", pick.valence());
    json.number("arousal", pick.arousal());
    json.weights("moods", pick.moods());
    json.weights("modalities", pick.modalities());
    json.list("degraded", pick.degraded(), [&](const v1::Degraded& entry) {
        json.open('{');
        json.text("modality", entry.modality());
        json.text("asset_id", entry.asset_id());
        json.text("code", entry.code());
        json.text("message", entry.message());
        json.close('}');
    });
    json.text("model", pick.model());
    json.list("tracks", pick.tracks(), [&](const v1::PickTrack& track) { write(json, track); });
    json.text("language", pick.language());
    json.list("likely_moods", pick.likely_moods(), [&](const std::string& mood) { json.text(mood); });
    json.list("captions", pick.captions(), [&](const v1::Caption& caption) {
        json.open('{');
        json.text("asset_id", caption.asset_id());
        json.text("text", caption.text());
        json.close('}');
    });
    json.list("facts", pick.facts(), [&](const v1::Facts& facts) {
        json.open('{');
        json.text("asset_id", facts.asset_id());
        json.text("modality", facts.modality());
        json.text("model", facts.model());
        json.weights("values", facts.values());
        json.text("text", facts.text());
        json.text("summary", facts.summary());
        json.close('}');
    });
    json.number("event_id", pick.event_id());
    json.list("evidence", pick.evidence(), [&](const v1::Evidence& evidence) {
        json.open('{');
        json.text("modality", evidence.modality());
        json.text("asset_id", evidence.asset_id());
        json.text("model", evidence.model());
        json.weights("moods", evidence.moods());
        json.number("valence", evidence.valence());
        json.number("arousal", evidence.arousal());
        json.number("precision", evidence.precision());
        json.number("felt", evidence.felt());
        json.close('}');
    });
    if (pick.has_understood()) {
        json.name("understood");
        json.message(pick.understood());
    }
    // Where the library puts times that may be absent: behind all others.
    if (pick.has_created_at()) {
        json.name("created_at");
        json.time(pick.created_at());
    }
    if (pick.has_picked_at()) {
        json.name("picked_at");
        json.time(pick.picked_at());
    }
    json.close('}');
    return json.take();
}

}  // namespace bgm
