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
#include "fusion/catalogue/scan.hpp"
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
    /// What match() of a track does not exceed whose moods, names and sound have no more than this effect
    /// together; and the same more quickly, though less closely.
    static float most(float effect);
    static float most_quickly(float effect);
    /// Of any track, but for its sound; of an artist and a genre; of any moods; and of those of tracks in a
    /// first look.
    float effect_max() const { return effect_max_; }
    float names_effect(std::uint32_t artist_group, std::uint32_t genre) const;
    float moods_max() const { return moods_max_; }
    BlockScores moods_effects(const QuickBlock& block) const;
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

    /// The values of some numbers; 0 of the others. Most are others: an open table, mostly free.
    class Values {
     public:
        void fill(const Effects& effects);
        float of(std::uint32_t number) const {
            for (std::size_t at = first(number);; at = (at + 1) & (slots_.size() - 1)) {
                const auto& [taken, value] = slots_[at];
                if (taken == number || taken == kFree) return value;
            }
        }

     private:
        static constexpr std::uint32_t kFree = 0xFFFFFFFFU;  // of no value, as it is nobody's name
        std::size_t first(std::uint32_t number) const {
            return static_cast<std::uint32_t>(number * 0x9E3779B9U) >> shift_;
        }
        std::vector<std::pair<std::uint32_t, float>> slots_{{kFree, 0.0F}, {kFree, 0.0F}};
        unsigned shift_ = 31;
    };
    static constexpr std::size_t kCauses = 4;

    std::array<float, kCauses> effects(std::uint32_t track_index) const;
    float sound_effect_of(std::uint32_t track_index) const;
    void hear(const Taste& taste, float left);

    const Catalogue& catalogue_;
    std::array<float, kMoodCount> moods_{};
    Effects genres_;
    Effects artists_;
    Values genre_values_;
    Values artist_values_;
    std::vector<float> direction_;  // of sound; empty: it says nothing
    float direction_at_ = 0;        // what the mean of what was heard has of it
    float sound_max_ = 0;
    float effect_max_ = 0;
    float moods_max_ = 0;
    float moods_error_ = 0;
    float match_max_ = 0.5F;
};

/// The artists (artist_group of the catalogue, sorted) that are not picked for this listener now.
std::vector<std::uint32_t> turned_away_artists(const Taste& taste, std::int64_t now_ms,
                                               const Catalogue& catalogue);

}  // namespace bgm
