// The moment of a post as evidence of its mood: the hour and the weekday, the weather, the place, what is
// being done.
//
// What people feel, and listen to, leans a little with the moment (moment_table.hpp says by how much, and who
// found it). The effects of a moment add up to one tilt of valence and arousal, and its evidence is the
// distribution that is tilted by it: p(k) in proportion to exp(tilt . place of k). It is pooled like any
// other evidence, at kMomentPrecision: so it moves the odds between two moods by no more than a factor
// of 1.4, however much of it there is. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fusion/mood/evidence.hpp"

namespace bgm {

/// By hand: the moment explains people's feelings in diaries and posts by a few hundredths (Denissen et al.
/// 2008; Golder & Macy 2011), about an eighth of what their texts' valence does.
inline constexpr float kMomentPrecision = 0.12F;

/// As people and programs write it: "rain", "한강공원", "비 오는 날 산책". Unknown words say nothing.
struct Moment {
    std::optional<std::uint32_t> local_hour{};  // 0..23
    std::optional<std::uint32_t> weekday{};     // 0 = Monday
    std::string weather{};
    std::string place{};
    std::string activity{};
};

struct MomentReading {
    Evidence evidence;    // of Modality::context; its affect is the tilt
    std::string summary;  // what was understood: "late at night, rain, exercise"
};

/// Nothing where nothing of it is known to have an effect. The words of one field count for the others, too.
std::optional<MomentReading> read_moment(const Moment& moment);

/// The day at a place where it is `local_hour` at `utc_seconds` since 1970: 0 is Monday. Clocks from 11 hours
/// behind to 12 before Greenwich; the few that are further are taken for a day behind.
std::uint32_t local_weekday(std::int64_t utc_seconds, std::uint32_t local_hour);

}  // namespace bgm
