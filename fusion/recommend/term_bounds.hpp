// The most that all terms of a score but the mood's can add to it: of tracks of which nothing is known, of a
// group that sounds alike, of one track by its names, and by the code of its sound. Each is closer and dearer
// than the one before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"
#include "fusion/taste/taste_scores.hpp"

namespace bgm {

/// Words lie farther from sounds than sounds from each other: a cosine of one half counts as full. See
/// docs/matching.md.
inline constexpr float kWordsSteepness = 2;

class TermBounds {
 public:
    /// What a score is compared with; a null term has no say.
    struct Terms {
        const SoundSpace::Query* sound = nullptr;
        const SoundSpace::Query* words = nullptr;
        const TasteScores* taste = nullptr;
    };
    /// Borrows all of them. The catalogue has quick orders.
    TermBounds(const Catalogue& catalogue, const MatchWeights& weights, const Terms& terms);

    /// Whether any term has a say; one that compares sounds; and taste.
    bool any() const { return terms_.sound != nullptr || terms_.words != nullptr || terms_.taste != nullptr; }
    bool by_ear() const { return !by_group_.empty(); }
    bool tastes() const { return terms_.taste != nullptr; }

    /// How much of a score is what a track feels like: of those with a sound, and of the others. All are
    /// others where nothing is compared by ear.
    float share_heard() const { return share_heard_; }
    float share_unheard() const { return share_unheard_; }

    /// Of any track without a sound, and of those of a group.
    float most_unheard() const { return most_unheard_; }
    const std::vector<float>& by_group() const { return by_group_; }

    /// What a first look has of one track.
    struct OneTrack {
        std::uint16_t group = SoundGroups::kNone;  // kNone: of the others
        std::uint32_t lane = 0;
        std::uint32_t slot = 0;  // of its sound, where it has a group
        float feeling = 0;
        float effect = 0;  // the most that its moods and names have on a taste
    };
    /// By 64 tracks: the most effect that moods and names have. Of those lanes alone; nothing without a
    /// taste.
    void find_effects(const QuickBlock& block, const Catalogue::FactsBlock& facts, std::uint64_t lanes,
                      BlockScores& effects) const;
    /// Whether it may score so much, by its group, names and moods.
    bool may_reach(float score, const OneTrack& track) const;
    /// The same by the code of its sound, too; it has a group.
    bool may_reach_by_code(float score, const OneTrack& track) const;

 private:
    float cosine_term(float weight, float steepness, float cosine) const;

    const Catalogue& catalogue_;
    const MatchWeights& weights_;
    const Terms terms_;
    float heard_ = 1;        // the sum of weights
    float share_heard_ = 1;  // of the feeling, and of taste below
    float share_unheard_ = 1;
    float taste_heard_ = 0;
    float taste_unheard_ = 0;
    float most_unheard_ = 0;
    std::vector<float> by_group_;
    std::vector<float> sounds_;   // of it, by group, what is not taste
    std::vector<float> effects_;  // by group: the effect of sound on taste; empty: none
    std::optional<SoundCodes::Query> sound_code_;
    std::optional<SoundCodes::Query> words_code_;
    std::optional<SoundCodes::Query> taste_code_;
};

}  // namespace bgm
