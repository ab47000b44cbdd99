// What a listener's taste says of each track of a catalogue. The formulas: docs/taste.md.
//
// Built once for a request; constant afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/taste/taste.hpp"

namespace bgm {

/// Where a taste comes from.
enum class TasteCause : std::uint8_t { moods, genre, artist, sound };

class TasteScores {
 public:
    /// Borrows the catalogue. `now_ms`: what was learnt counts as much as time has left of it by then.
    TasteScores(const Taste& taste, std::int64_t now_ms, const Catalogue& catalogue);

    /// 0..1, 0.5 where nothing speaks for or against the track.
    float match(std::uint32_t track_index) const;
    /// No track has more.
    float match_max() const { return match_max_; }
    /// What match() of a track does not exceed: one that has no more than this effect of sound; and if it is
    /// this one in a first look.
    float most(float sound_effect) const;
    float most(const QuickBlock& block, std::size_t lane, const Catalogue::Facts& facts,
               float sound_effect) const;
    /// Empty where sound says nothing; else the effect of a sound whose product with it is at most this.
    const std::vector<float>& direction() const { return direction_; }
    float sound_effect(float product) const;
    /// How far the match may be off: a standard deviation, the larger the less is known of the artist.
    float doubt(std::uint32_t track_index) const;
    /// What speaks most for it; nothing where nothing does.
    std::optional<TasteCause> cause(std::uint32_t track_index) const;

 private:
    struct Effect {
        float value = 0;   // -1..1: how much more wanted than what the listener gets on the whole
        float weight = 0;  // of the reactions behind it
    };
    using Effects = std::vector<std::pair<std::uint32_t, Effect>>;  // by the catalogue's number
    static constexpr std::size_t kCauses = 4;

    std::array<float, kCauses> effects(std::uint32_t track_index) const;
    float sound_effect_of(std::uint32_t track_index) const;
    void hear(const Taste& taste, float left);

    const Catalogue& catalogue_;
    std::array<float, kMoodCount> moods_{};
    Effects genres_;
    Effects artists_;
    std::vector<float> genre_values_;   // by the catalogue's number, which may lie beyond: 0
    std::vector<float> artist_values_;  // the same
    std::vector<float> direction_;      // of sound; empty: it says nothing
    float direction_at_ = 0;            // what the mean of what was heard has of it
    float sound_max_ = 0;
    float names_max_ = 0;  // of moods, genre and artist together
    float moods_error_ = 0;
    float match_max_ = 0.5F;
};

/// The artists (artist_group of the catalogue, sorted) that are not picked for this listener now.
std::vector<std::uint32_t> turned_away_artists(const Taste& taste, std::int64_t now_ms,
                                               const Catalogue& catalogue);

}  // namespace bgm
