#include "fusion/context/moment.hpp"

#include <algorithm>
#include <vector>

#include "fusion/context/moment_table.hpp"
#include "fusion/mood/elementary.hpp"
#include "fusion/words/said_words.hpp"

namespace bgm {
namespace {

constexpr std::uint32_t kNightFrom = 22, kNightTo = 5;
constexpr std::uint32_t kEarlyTo = 9;
constexpr std::uint32_t kEveningFrom = 17;
constexpr std::uint32_t kFriday = 4;

std::string_view hour_name(std::uint32_t hour) {
    if (hour >= kNightFrom || hour < kNightTo) return "late at night";
    if (hour < kEarlyTo) return "early in the morning";
    return hour >= kEveningFrom ? "in the evening" : "";
}

bool is_weekend(const Moment& moment) {
    if (!moment.weekday) return false;
    return *moment.weekday > kFriday ||
           (*moment.weekday == kFriday && moment.local_hour.value_or(0) >= kEveningFrom);
}

using Effects = std::vector<const MomentEffect*>;

bool any_matches(const std::vector<Word>& patterns, Word said) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [said](Word pattern) { return word_matches(pattern, said); });
}

// "not raining", "no more rain", "isn't at home"; "비 안 옴", "비가 오지 않음", "비 그침": a denial up to two
// words before, or in Korean behind, with no mark between.
bool is_denied(const std::vector<SaidWord>& said, std::size_t begin, std::size_t end) {
    static const std::vector<Word> before = split_at(
        U"not|no|without|never|isn't|isnt|aren't|arent|wasn't|wasnt|don't|dont|doesn't|doesnt|didn't|didnt|"
        U"can't|cant|cannot|stopped|안|못",
        U'|');
    static const std::vector<Word> behind =
        split_at(U"안|못|않*|없*|아닌*|아니*|아님|말고|그침|그친*|그쳤*|stopped", U'|');
    for (std::size_t at = begin; at > 0 && begin - at < 2 && !said[at - 1].mark; --at) {
        if (any_matches(before, said[at - 1].text)) return true;
    }
    for (std::size_t at = end; at < said.size() && at - end < 2 && !said[at].mark; ++at) {
        if (any_matches(behind, said[at].text)) return true;
    }
    return false;
}

// The longest phrase at each place of a label; where two are as long, that of the label's own part. What is
// denied has no effect: the rain that does not fall is no sunshine.
void add_effects(const std::string& label, MomentPart part, Effects& effects) {
    const std::vector<SaidWord> said = said_words(label);
    for (std::size_t at = 0; at < said.size();) {
        const MomentEffect* found = nullptr;
        std::size_t end = at + 1;
        moment_index().at(said, at, [&](std::size_t row, std::size_t its) {
            const MomentEffect& effect = moment_effects()[row];
            if (its < end || (its == end && found != nullptr && effect.part != part)) return;
            found = &effect;
            end = its;
        });
        if (found != nullptr && !is_denied(said, at, end) &&
            std::find(effects.begin(), effects.end(), found) == effects.end())
            effects.push_back(found);
        at = end;
    }
}

}  // namespace

std::optional<MomentReading> read_moment(const Moment& moment) {
    Effects effects;
    for (const MomentEffect& effect : moment_effects()) {
        if ((effect.part == MomentPart::hour && moment.local_hour &&
             effect.name == hour_name(*moment.local_hour)) ||
            (effect.part == MomentPart::weekday && is_weekend(moment)))
            effects.push_back(&effect);
    }
    add_effects(moment.weather, MomentPart::weather, effects);
    add_effects(moment.place, MomentPart::place, effects);
    add_effects(moment.activity, MomentPart::activity, effects);
    if (effects.empty()) return std::nullopt;

    MomentReading reading;
    Affect tilt;
    for (const MomentEffect* const effect : effects) {
        tilt.valence += effect->tilt.valence;
        tilt.arousal += effect->tilt.arousal;
        reading.summary.append(reading.summary.empty() ? "" : ", ").append(effect->name);
    }
    Evidence& evidence = reading.evidence;
    evidence.modality = Modality::context;
    evidence.precision = kMomentPrecision;
    evidence.affect = {std::clamp(tilt.valence, -1.0F, 1.0F), std::clamp(tilt.arousal, -1.0F, 1.0F)};
    double sum = 0;
    std::array<double, kMoodCount> shares{};
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        const Affect place = affect(static_cast<Mood>(k));
        shares[k] = elementary_exp(static_cast<double>(evidence.affect.valence) * place.valence +
                                   static_cast<double>(evidence.affect.arousal) * place.arousal);
        sum += shares[k];
    }
    for (std::size_t k = 0; k < kMoodCount; ++k)
        evidence.mood[k] = static_cast<float>(shares[k] / sum);
    return reading;
}

std::uint32_t local_weekday(std::int64_t utc_seconds, std::uint32_t local_hour) {
    constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
    const std::int64_t utc_hour = ((utc_seconds % kDay) + kDay) % kDay / kHour;
    const std::int64_t ahead =
        (static_cast<std::int64_t>(local_hour) - utc_hour + 35) % 24 - 11;  // -11..12 hours
    const std::int64_t local = utc_seconds + ahead * kHour;
    const std::int64_t day = local / kDay - (local % kDay < 0 ? 1 : 0);
    return static_cast<std::uint32_t>(((day + 3) % 7 + 7) % 7);  // 1 January 1970 was a Thursday
}

}  // namespace bgm
