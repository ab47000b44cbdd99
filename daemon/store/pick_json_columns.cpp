#include "daemon/store/pick_json_columns.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/store/sql_text.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"

namespace bgm {
namespace {

/// {"name": weight}, the known names in their fixed order and the others after them.
template <typename Names, typename NameOf>
void append_weights(std::string& json, const google::protobuf::Map<std::string, float>& weights,
                    const Names& names, NameOf name_of) {
    json.push_back('{');
    const auto append = [&](std::string_view key, float weight) {
        if (json.back() != '{') json.push_back(',');
        append_json_text(json, key);
        json.push_back(':');
        append_json_number(json, weight);
    };
    std::size_t known = 0;
    std::string key;
    for (const auto& name : names) {
        key.assign(name_of(name));
        const auto found = weights.find(key);
        if (found == weights.end()) continue;
        append(key, found->second);
        ++known;
    }
    if (known < weights.size()) {
        for (const auto& other : weights) {
            const bool done =
                std::ranges::any_of(names, [&](const auto& name) { return name_of(name) == other.first; });
            if (!done) append(other.first, other.second);
        }
    }
    json.push_back('}');
}

constexpr auto kMoodOrder = [] {
    std::array<Mood, kMoodCount> moods{};
    for (std::size_t at = 0; at < kMoodCount; ++at)
        moods[at] = static_cast<Mood>(at);
    return moods;
}();

}  // namespace

void append_mood_weights(std::string& json, const google::protobuf::Map<std::string, float>& weights) {
    append_weights(json, weights, kMoodOrder, [](Mood mood) { return name(mood); });
}

void append_modality_weights(std::string& json, const google::protobuf::Map<std::string, float>& weights) {
    append_weights(json, weights, kModalities, [](Modality modality) { return name(modality); });
}

void append_texts(std::string& json, const google::protobuf::RepeatedPtrField<std::string>& texts) {
    json.push_back('[');
    for (const std::string& text : texts) {
        if (json.back() != '[') json.push_back(',');
        append_json_text(json, text);
    }
    json.push_back(']');
}

void append_degraded(std::string& json, const google::protobuf::RepeatedPtrField<v1::Degraded>& entries) {
    json.push_back('[');
    for (const v1::Degraded& entry : entries) {
        if (json.back() != '[') json.push_back(',');
        json += "{\"modality\":";
        append_json_text(json, entry.modality());
        json += ",\"asset_id\":";
        append_json_text(json, entry.asset_id());
        json += ",\"code\":";
        append_json_text(json, entry.code());
        json += ",\"message\":";
        append_json_text(json, entry.message());
        json.push_back('}');
    }
    json.push_back(']');
}

void append_captions(std::string& json, const google::protobuf::RepeatedPtrField<v1::Caption>& captions) {
    json.push_back('[');
    for (const v1::Caption& caption : captions) {
        if (json.back() != '[') json.push_back(',');
        json += "{\"asset_id\":";
        append_json_text(json, caption.asset_id());
        json += ",\"text\":";
        append_json_text(json, caption.text());
        json.push_back('}');
    }
    json.push_back(']');
}

void append_facts(std::string& json, const google::protobuf::RepeatedPtrField<v1::Facts>& facts) {
    json.push_back('[');
    for (const v1::Facts& one : facts) {
        if (json.back() != '[') json.push_back(',');
        json += "{\"asset_id\":";
        append_json_text(json, one.asset_id());
        json += ",\"modality\":";
        append_json_text(json, one.modality());
        json += ",\"model\":";
        append_json_text(json, one.model());
        // By name: a map's own order differs from copy to copy, and the same pick is the same row.
        const std::map<std::string_view, float> values(one.values().begin(), one.values().end());
        json += ",\"values\":{";
        for (const auto& [fact, value] : values) {
            if (json.back() != '{') json.push_back(',');
            append_json_text(json, fact);
            json.push_back(':');
            append_json_number(json, value);
        }
        json += "},\"text\":";
        append_json_text(json, one.text());
        json += ",\"summary\":";
        append_json_text(json, one.summary());
        json.push_back('}');
    }
    json.push_back(']');
}

void append_evidence(std::string& json, const google::protobuf::RepeatedPtrField<v1::Evidence>& evidence) {
    json.push_back('[');
    for (const v1::Evidence& one : evidence) {
        if (json.back() != '[') json.push_back(',');
        json += "{\"modality\":";
        append_json_text(json, one.modality());
        json += ",\"asset_id\":";
        append_json_text(json, one.asset_id());
        json += ",\"model\":";
        append_json_text(json, one.model());
        json += ",\"moods\":";
        append_mood_weights(json, one.moods());
        const auto number = [&](std::string_view key, float value) {
            json += ",\"";
            json += key;
            json += "\":";
            append_json_number(json, value);
        };
        number("valence", one.valence());
        number("arousal", one.arousal());
        number("precision", one.precision());
        number("felt", one.felt());
        json.push_back('}');
    }
    json.push_back(']');
}

void read_weights(const std::string& json, google::protobuf::Map<std::string, float>& weights) {
    const auto object = nlohmann::json::parse(json);
    for (const auto& [key, weight] : object.items())
        weights[key] = weight.get<float>();
}

void read_degraded(const std::string& json, v1::Pick& pick) {
    for (const auto& entry : nlohmann::json::parse(json)) {
        v1::Degraded* added = pick.add_degraded();
        added->set_modality(entry.value("modality", ""));
        added->set_asset_id(entry.value("asset_id", ""));
        added->set_code(entry.value("code", ""));
        added->set_message(entry.value("message", ""));
    }
}

void read_captions(const std::string& json, v1::Pick& pick) {
    for (const auto& entry : nlohmann::json::parse(json)) {
        v1::Caption* added = pick.add_captions();
        added->set_asset_id(entry.value("asset_id", ""));
        added->set_text(entry.value("text", ""));
    }
}

void read_facts(const std::string& json, v1::Pick& pick) {
    for (const auto& entry : nlohmann::json::parse(json)) {
        v1::Facts* added = pick.add_facts();
        added->set_asset_id(entry.value("asset_id", ""));
        added->set_modality(entry.value("modality", ""));
        added->set_model(entry.value("model", ""));
        added->set_text(entry.value("text", ""));
        added->set_summary(entry.value("summary", ""));
        const auto values = entry.value("values", nlohmann::json::object());
        for (const auto& [fact, value] : values.items())
            (*added->mutable_values())[fact] = value.get<float>();
    }
}

void read_evidence(const std::string& json, v1::Pick& pick) {
    for (const auto& entry : nlohmann::json::parse(json)) {
        v1::Evidence* added = pick.add_evidence();
        added->set_modality(entry.value("modality", ""));
        added->set_asset_id(entry.value("asset_id", ""));
        added->set_model(entry.value("model", ""));
        const auto moods = entry.value("moods", nlohmann::json::object());
        for (const auto& [mood, weight] : moods.items())
            (*added->mutable_moods())[mood] = weight.get<float>();
        added->set_valence(entry.value("valence", 0.0F));
        added->set_arousal(entry.value("arousal", 0.0F));
        added->set_precision(entry.value("precision", 0.0F));
        added->set_felt(entry.value("felt", 0.0F));
    }
}

}  // namespace bgm
