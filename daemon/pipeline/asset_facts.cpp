#include "daemon/pipeline/asset_facts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "schemas/column_limits.hpp"
#include "schemas/grave_facts.hpp"
#include "schemas/one_line.hpp"

namespace bgm {
namespace {

// A fact that is told in words from this value on.
struct Telling {
    std::string_view fact;
    float from;
    std::string_view words;
};
constexpr std::array<Telling, 12> kTellings{{
    {"smiling", 0.5F, "smiling"},
    {"face_sad", 0.5F, "sad"},
    {"face_angry", 0.5F, "angry"},
    {"face_fearful", 0.5F, "fearful"},
    {"face_disgusted", 0.5F, "disgusted"},
    {"face_surprised", 0.5F, "surprised"},
    {"text_letters", 1, "text read"},
    {"not_safe_for_work", 0.5F, "not safe for work"},
    {"speech", 0.5F, "speech"},
    {"music", 0.5F, "music"},
    {"tone", 0.5F, "tone"},
    {"silent", 0.5F, "silent"},
}};

bool speaks_of(const v1::Facts& facts, std::string_view subject) {
    const auto found = facts.values().find(std::string(kGravePrefix) + std::string(subject));
    return found != facts.values().end() && found->second >= 0.5F;
}

/// "death", "death and illness", "death, illness and violence".
template <typename Speaks>
std::string subjects(Speaks speaks) {
    std::string text;
    std::string_view last;
    for (const std::string_view subject : kGraveSubjects) {
        if (!speaks(subject)) continue;
        if (!last.empty()) text.append(text.empty() ? "" : ", ").append(last);
        last = subject;
    }
    return text.append(text.empty() ? "" : " and ").append(last);
}

}  // namespace

std::string summary_of(const v1::Facts& facts) {
    std::string summary;
    const auto say = [&](const std::string& words) { summary += (summary.empty() ? "" : ", ") + words; };
    if (const auto faces = facts.values().find("faces"); faces != facts.values().end()) {
        const auto count = std::lround(std::min(faces->second, 1000.0F));
        if (count > 0) say(std::to_string(count) + (count == 1 ? " face" : " faces"));
    }
    for (const Telling& telling : kTellings) {
        const auto found = facts.values().find(std::string(telling.fact));
        if (found != facts.values().end() && found->second >= telling.from) say(std::string(telling.words));
    }
    const std::string grave = subjects([&](std::string_view subject) { return speaks_of(facts, subject); });
    if (!grave.empty()) say("speaks of " + grave);
    return summary;
}

std::string grave_of(const v1::Pick& pick) {
    return subjects([&](std::string_view subject) {
        return std::ranges::any_of(pick.facts(),
                                   [&](const v1::Facts& facts) { return speaks_of(facts, subject); });
    });
}

void add_facts(v1::Pick& pick, const Finding& finding) {
    for (const v1::Output& output : *finding.outputs) {
        const bool is_text = output.modality() == name(Modality::text);
        const auto to_tell = [&](const auto& fact) {
            return !is_text || fact.first.starts_with(kGravePrefix);
        };
        if (output.text().empty() && std::ranges::none_of(output.facts(), to_tell)) continue;
        v1::Facts& facts = *pick.add_facts();
        facts.set_asset_id(finding.asset_id);
        facts.set_modality(output.modality());
        facts.set_model(output.model());
        for (const auto& fact : output.facts()) {
            if (to_tell(fact)) facts.mutable_values()->insert(fact);
        }
        facts.set_text(one_line(output.text(), kReadTextBytes));
        facts.set_summary(summary_of(facts));
    }
}

}  // namespace bgm
