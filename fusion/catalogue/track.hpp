// One catalogue entry, as it is imported, stored in the `tracks` table and handed to the catalogue index.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "fusion/mood/mood.hpp"

namespace bgm {

/// Later years are mistakes.
inline constexpr std::uint32_t kYearMax = 2999;

struct Track {
    std::string track_id;  // 1 to 128 bytes, unique
    std::string title;
    std::string artist;  // performer, or composer of a classical work
    std::string album;
    std::string genre;              // lower case: "classical", "kpop", "ambient"
    std::string language;           // of the lyrics, BCP 47; empty or "zxx" for instrumental
    std::uint32_t duration_ms = 0;  // 0 = unknown
    float tempo_bpm = 0;            // 0 = unknown
    std::uint32_t year = 0;         // in which it came out; 0 = unknown
    bool is_explicit = false;
    std::string uri;
    std::string license;
    std::array<float, kMoodCount> moods{};  // weights >= 0 in mood order; all zero = unknown
    Affect affect;                          // each -1..1
    std::string source;                     // where the entry came from: "starter", a file's name
    bool active = true;
};

}  // namespace bgm
