// Which tracks of a catalogue a request allows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"

namespace bgm {

/// As BCP 47 has it: no linguistic content.
inline constexpr std::string_view kNoLanguage = "zxx";

/// For one request and one thread; borrows both. Remembers its verdict on each genre and language, of which a
/// catalogue has few.
class TrackFilter {
 public:
    TrackFilter(const Catalogue& catalogue, const MatchRequest& request);
    bool allows(std::uint32_t track_index);
    /// The same by the position in one of the catalogue's quick orders; and of those of 64 positions from
    /// `first` on whose bits are set.
    bool allows_at(const Catalogue::QuickOrder& order, std::uint32_t position);
    std::uint64_t allowed_of(const Catalogue::QuickOrder& order, std::uint32_t first, std::uint64_t lanes);
    /// To every track.
    bool is_open() const { return open_; }

 private:
    enum class Verdict : std::uint8_t { unknown, yes, no };

    bool genre_allowed(std::uint32_t name_index);
    bool language_allowed(std::uint32_t name_index);
    template <typename Facts>
    bool is_allowed(const Facts& facts, std::uint32_t track_index);
    bool is_instrumental(std::uint8_t speech_percent, std::uint32_t language);
    bool avoided(std::uint32_t track_index) const;
    bool names_instruments(std::uint32_t track_index) const;

    const Catalogue& catalogue_;
    const MatchRequest& request_;
    std::array<bool, kMoodCount> avoided_moods_{};
    bool avoids_moods_ = false;
    bool open_;  // to every track
    std::vector<std::string> genres_;
    std::vector<std::string> languages_;
    std::vector<std::string> avoided_genres_;
    std::vector<std::string> avoided_languages_;
    std::vector<Verdict> genre_verdicts_;  // by the index of the name; empty without a filter
    std::vector<Verdict> language_verdicts_;
    std::vector<bool> not_again_;             // by track; empty without one
    std::vector<std::uint32_t> turned_away_;  // artist groups, sorted
    std::vector<Verdict> wordless_verdicts_;  // by the index of the language's name
};

}  // namespace bgm
