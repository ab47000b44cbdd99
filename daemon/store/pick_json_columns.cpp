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

namespace pb = google::protobuf;
using Weights = pb::Map<std::string, float>;

// {"key":value,...} as it is written.
class Object {
 public:
    explicit Object(std::string& json) : json_(json) { json_.push_back('{'); }

    Object& text(std::string_view name, std::string_view value) {
        append_json_text(key(name), value);
        return *this;
    }
    Object& number(std::string_view name, float value) {
        append_json_number(key(name), value);
        return *this;
    }
    template <typename Value>
    Object& value(std::string_view name, const Value& value, void (*append)(std::string&, const Value&)) {
        append(key(name), value);
        return *this;
    }
    void close() { json_.push_back('}'); }

 private:
    std::string& key(std::string_view name) {
        if (json_.back() != '{') json_.push_back(',');
        append_json_text(json_, name);
        json_.push_back(':');
        return json_;
    }

    std::string& json_;
};

template <typename Entries, typename Append>
void append_list(std::string& json, const Entries& entries, Append append) {
    json.push_back('[');
    for (const auto& entry : entries) {
        if (json.back() != '[') json.push_back(',');
        append(entry);
    }
    json.push_back(']');
}

/// {"name": weight}, the known names in their fixed order and the others after them.
template <typename Names, typename NameOf>
void append_weights(std::string& json, const Weights& weights, const Names& names, NameOf name_of) {
    Object object(json);
    std::size_t known = 0;
    std::string key;
    for (const auto& name : names) {
        key.assign(name_of(name));
        const auto found = weights.find(key);
        if (found == weights.end()) continue;
        object.number(key, found->second);
        ++known;
    }
    if (known < weights.size()) {
        for (const auto& other : weights) {
            const bool done =
                std::ranges::any_of(names, [&](const auto& name) { return name_of(name) == other.first; });
            if (!done) object.number(other.first, other.second);
        }
    }
    object.close();
}

// By name: a map's own order differs from copy to copy, and the same pick is the same row.
void append_values(std::string& json, const Weights& values) {
    const std::map<std::string_view, float> sorted(values.begin(), values.end());
    Object object(json);
    for (const auto& [fact, value] : sorted)
        object.number(fact, value);
    object.close();
}

constexpr auto kMoodOrder = [] {
    std::array<Mood, kMoodCount> moods{};
    for (std::size_t at = 0; at < kMoodCount; ++at)
        moods[at] = static_cast<Mood>(at);
    return moods;
}();

}  // namespace

void append_mood_weights(std::string& json, const Weights& weights) {
    append_weights(json, weights, kMoodOrder, [](Mood mood) { return name(mood); });
}

void append_modality_weights(std::string& json, const Weights& weights) {
    append_weights(json, weights, kOpinions, [](Modality modality) { return name(modality); });
}

void append_texts(std::string& json, const pb::RepeatedPtrField<std::string>& texts) {
    append_list(json, texts, [&](const std::string& text) { append_json_text(json, text); });
}

void append_degraded(std::string& json, const pb::RepeatedPtrField<v1::Degraded>& entries) {
    append_list(json, entries, [&](const v1::Degraded& entry) {
        Object(json)
            .text("modality", entry.modality())
            .text("asset_id", entry.asset_id())
            .text("code", entry.code())
            .text("message", entry.message())
            .close();
    });
}

void append_captions(std::string& json, const pb::RepeatedPtrField<v1::Caption>& captions) {
    append_list(json, captions, [&](const v1::Caption& caption) {
        Object(json).text("asset_id", caption.asset_id()).text("text", caption.text()).close();
    });
}

void append_facts(std::string& json, const pb::RepeatedPtrField<v1::Facts>& facts) {
    append_list(json, facts, [&](const v1::Facts& one) {
        Object(json)
            .text("asset_id", one.asset_id())
            .text("modality", one.modality())
            .text("model", one.model())
            .value("values", one.values(), append_values)
            .text("text", one.text())
            .text("summary", one.summary())
            .close();
    });
}

void append_evidence(std::string& json, const pb::RepeatedPtrField<v1::Evidence>& evidence) {
    append_list(json, evidence, [&](const v1::Evidence& one) {
        Object(json)
            .text("modality", one.modality())
            .text("asset_id", one.asset_id())
            .text("model", one.model())
            .value("moods", one.moods(), append_mood_weights)
            .number("valence", one.valence())
            .number("arousal", one.arousal())
            .number("precision", one.precision())
            .number("felt", one.felt())
            .close();
    });
}

void append_reason(std::string& json, const v1::Reason& reason) {
    Object(json)
        .text("text", reason.text())
        .value("moods", reason.moods(), append_texts)
        .number("mood_match", reason.mood_match())
        .number("affect_match", reason.affect_match())
        .number("sound_match", reason.sound_match())
        .number("words_match", reason.words_match())
        .number("taste_match", reason.taste_match())
        .number("chance", reason.chance())
        .close();
}

void read_weights(const std::string& json, Weights& weights) {
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

void read_reason(const std::string& json, v1::Reason& reason) {
    const auto object = nlohmann::json::parse(json);
    reason.set_text(object.value("text", ""));
    for (const auto& mood : object.value("moods", nlohmann::json::array()))
        reason.add_moods(mood.get<std::string>());
    reason.set_mood_match(object.value("mood_match", 0.0F));
    reason.set_affect_match(object.value("affect_match", 0.0F));
    reason.set_sound_match(object.value("sound_match", 0.0F));
    reason.set_words_match(object.value("words_match", 0.0F));
    reason.set_taste_match(object.value("taste_match", 0.0F));
    reason.set_chance(object.value("chance", 0.0F));
}

}  // namespace bgm
