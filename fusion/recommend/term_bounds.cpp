#include "fusion/recommend/term_bounds.hpp"

#include <algorithm>

namespace bgm {

TermBounds::TermBounds(const Catalogue& catalogue, const MatchWeights& weights, const Terms& terms)
    : catalogue_(catalogue),
      weights_(weights),
      terms_(terms),
      all_heard_(catalogue.sounds().size() == catalogue.size()) {
    const bool tasted = terms.taste != nullptr;
    const float unheard = weights.mood + (tasted ? weights.taste : 0);
    heard_ =
        unheard + (terms.sound != nullptr ? weights.sound : 0) + (terms.words != nullptr ? weights.words : 0);
    share_heard_ = weights.mood / heard_;
    share_unheard_ = weights.mood / unheard;
    taste_heard_ = tasted ? weights.taste / heard_ : 0;
    taste_unheard_ = tasted ? weights.taste / unheard : 0;
    if (tasted) most_unheard_ = taste_unheard_ * TasteScores::most(terms.taste->effect_max());
    const SoundGroups& groups = catalogue.sound_groups();
    const bool led = tasted && !terms.taste->direction().empty();
    if (terms.sound == nullptr && terms.words == nullptr && !led) return;
    sounds_.assign(groups.size(), 0);
    const auto add = [&](float weight, float steepness, const SoundSpace::Query& query) {
        const std::vector<float> most = groups.most(query, SoundGroups::Sure::hardly);
        for (std::size_t g = 0; g < most.size(); ++g)
            sounds_[g] += cosine_term(weight, steepness, most[g]);
        return catalogue.sound_codes().query(query);
    };
    if (terms.sound != nullptr) sound_code_ = add(weights.sound, 1, *terms.sound);
    if (terms.words != nullptr) words_code_ = add(weights.words, kWordsSteepness, *terms.words);
    by_group_ = sounds_;
    if (led) {
        effects_ = groups.most(terms.taste->direction(), SoundGroups::Sure::never);
        for (float& effect : effects_)
            effect = terms.taste->sound_effect(effect);
        taste_code_ = catalogue.sound_codes().query(terms.taste->direction());
    }
    for (std::size_t g = 0; tasted && g < by_group_.size(); ++g)
        by_group_[g] += taste_heard_ * TasteScores::most(terms.taste->effect_max() + (led ? effects_[g] : 0));
    sounds_.push_back(0);
    if (led) effects_.push_back(0);
}

float TermBounds::cosine_term(float weight, float steepness, float cosine) const {
    return weight / heard_ * std::clamp(steepness * cosine, 0.0F, 1.0F);
}

BlockScores TermBounds::most(const QuickBlock& block, const Catalogue::FactsBlock& facts,
                             const Groups& groups, const BlockScores& feelings, BlockScores& effects) const {
    const bool tasted = terms_.taste != nullptr;
    if (tasted) effects = terms_.taste->effects(block, facts);
    // By loops that do one thing each: the compiler makes vectors of those that can be.
    BlockScores shares;
    BlockScores taste_shares;
    const bool one = groups.each.empty();
    const bool heard = by_ear() && (one ? groups.all != SoundGroups::kNone : all_heard_);
    shares.fill(heard ? share_heard_ : share_unheard_);
    taste_shares.fill(heard ? taste_heard_ : taste_unheard_);
    for (std::size_t lane = 0; !all_heard_ && lane < groups.each.size(); ++lane) {
        if (groups.each[lane] == SoundGroups::kNone) continue;
        shares[lane] = share_heard_;
        taste_shares[lane] = taste_heard_;
    }
    BlockScores scores;
    for (std::size_t lane = 0; lane < scores.size(); ++lane)
        scores[lane] = shares[lane] * feelings[lane];
    const auto add = [&](BlockScores& sums, const std::vector<float>& by_group) {
        const std::size_t last = by_group.size() - 1;
        for (std::size_t lane = 0; lane < groups.each.size(); ++lane)
            sums[lane] += by_group[std::min<std::size_t>(groups.each[lane], last)];
        for (float& sum : sums)
            sum += one ? by_group[std::min<std::size_t>(groups.all, last)] : 0;
    };
    BlockScores with_sound = effects;
    if (sound_code_ || words_code_) add(scores, sounds_);
    if (taste_code_) add(with_sound, effects_);
    if (tasted) TasteScores::add_most(scores, with_sound, taste_shares);
    return scores;
}

bool TermBounds::may_reach_by_code(float score, const OneTrack& track) const {
    const SoundCodes& codes = catalogue_.sound_codes();
    float sure = share_heard_ * track.feeling;
    if (sound_code_) sure += cosine_term(weights_.sound, 1, codes.most(track.slot, *sound_code_));
    if (words_code_)
        sure += cosine_term(weights_.words, kWordsSteepness, codes.most(track.slot, *words_code_));
    if (terms_.taste == nullptr) return sure >= score;
    float effect = track.effect;
    if (taste_code_) {
        if (sure + taste_heard_ * TasteScores::most_quickly(effect + effects_[track.group]) < score)
            return false;
        effect += terms_.taste->sound_effect(codes.most(track.slot, *taste_code_));
    }
    return sure + taste_heard_ * TasteScores::most(effect) >= score;
}

}  // namespace bgm
