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
#include "fusion/catalogue/quick_scan.hpp"
#include "fusion/catalogue/scan.hpp"
#include "fusion/taste/name_values.hpp"
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
    /// Adds the first to each score, by its share.
    static void add_most(BlockScores& scores, const BlockScores& effects, const BlockScores& shares);
    /// Of any track, but for its sound; and of those of a first look: what moods and names have no more of.
    float effect_max() const { return effect_max_; }
    BlockScores effects(const QuickBlock& block, const Catalogue::FactsBlock& facts) const;
    /// The match of a track of which a first look says that effect, and how far it may be off.
    float quick_match(std::uint32_t track_index, float effect) const;
    float quick_error() const;
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
    QuickWeights quick_moods_;
    Effects genres_;
    Effects artists_;
    NameValues genre_values_;
    NameValues artist_values_;
    std::vector<float> direction_;  // of sound; empty: it says nothing
    float direction_at_ = 0;        // what the mean of what was heard has of it
    float sound_max_ = 0;
    float effect_max_ = 0;
    float moods_error_ = 0;
    float match_max_ = 0.5F;
};

/// The artists (artist_group of the catalogue, sorted) that are not picked for this listener now.
std::vector<std::uint32_t> turned_away_artists(const Taste& taste, std::int64_t now_ms,
                                               const Catalogue& catalogue);

}  // namespace bgm
