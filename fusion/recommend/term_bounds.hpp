// The most that all terms of a score but the mood's can add to it: of tracks of which nothing is known, of a
// group that sounds alike, of one track by its names, and by the code of its sound. Each is closer and dearer
// than the one before.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

    /// How far a score may be off of which the feeling is, and a taste of moods in bytes.
    float error(float of_feeling) const {
        return share_unheard_ * of_feeling +
               (terms_.taste != nullptr ? taste_unheard_ * terms_.taste->quick_error() : 0);
    }

    /// Of 64 tracks side by side their groups, or the one of all.
    struct Groups {
        std::span<const std::uint16_t> each{};
        std::uint16_t all = SoundGroups::kNone;  // kNone: no sound
        std::uint16_t of(std::size_t lane) const { return each.empty() ? all : each[lane]; }
    };
    /// What each of them scores at most that feels so, by its group, names and moods. Fills in `effects`, the
    /// most that the latter have on a taste, where there is one.
    BlockScores most(const QuickBlock& block, const Catalogue::FactsBlock& facts, const Groups& groups,
                     const BlockScores& feelings, BlockScores& effects) const;

    /// What a first look has of one track.
    struct OneTrack {
        std::uint16_t group = SoundGroups::kNone;
        std::uint32_t lane = 0;
        std::uint32_t slot = 0;  // of its sound, where it has a group
        float feeling = 0;
        float effect = 0;  // as above
    };
    /// Whether it may score so much by the code of its sound, too; it has a group.
    bool may_reach_by_code(float score, const OneTrack& track) const;

 private:
    float cosine_term(float weight, float steepness, float cosine) const;

    const Catalogue& catalogue_;
    const MatchWeights& weights_;
    const Terms terms_;
    const bool all_heard_;
    float heard_ = 1;        // the sum of weights
    float share_heard_ = 1;  // of the feeling, and of taste below
    float share_unheard_ = 1;
    float taste_heard_ = 0;
    float taste_unheard_ = 0;
    float most_unheard_ = 0;
    std::vector<float> by_group_;
    // Of it, what is not taste; and the effect of sound on taste, or empty. The last is of tracks without a
    // sound.
    std::vector<float> sounds_;
    std::vector<float> effects_;
    std::optional<SoundCodes::Query> sound_code_;
    std::optional<SoundCodes::Query> words_code_;
    std::optional<SoundCodes::Query> taste_code_;
};

}  // namespace bgm
