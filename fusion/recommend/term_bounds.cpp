#include "fusion/recommend/term_bounds.hpp"

#include <algorithm>

namespace bgm {

TermBounds::TermBounds(const Catalogue& catalogue, const MatchWeights& weights, const Terms& terms)
    : catalogue_(catalogue), weights_(weights), terms_(terms) {
    const bool tasted = terms.taste != nullptr;
    unheard_ = weights.mood + (tasted ? weights.taste : 0);
    heard_ = unheard_ + (terms.sound != nullptr ? weights.sound : 0) +
             (terms.words != nullptr ? weights.words : 0);
    if (tasted) most_unheard_ = weights.taste / unheard_ * terms.taste->most(0);
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
        by_group_[g] += weights.taste / heard_ * terms.taste->most(led ? effects_[g] : 0);
}

float TermBounds::cosine_term(float weight, float steepness, float cosine) const {
    return weight / heard_ * std::clamp(steepness * cosine, 0.0F, 1.0F);
}

float TermBounds::by_names(const OneTrack& track) const {
    const auto& [block, lane, facts, group, slot] = track;
    if (group == SoundGroups::kNone)
        return terms_.taste == nullptr
                   ? 0
                   : weights_.taste / unheard_ * terms_.taste->most(block, lane, facts, 0);
    if (terms_.taste == nullptr) return sounds_[group];
    const float effect = effects_.empty() ? 0 : effects_[group];
    return sounds_[group] + weights_.taste / heard_ * terms_.taste->most(block, lane, facts, effect);
}

float TermBounds::by_code(const OneTrack& track) const {
    const auto& [block, lane, facts, group, slot] = track;
    const SoundCodes& codes = catalogue_.sound_codes();
    float all = 0;
    if (sound_code_) all += cosine_term(weights_.sound, 1, codes.most(slot, *sound_code_));
    if (words_code_) all += cosine_term(weights_.words, kWordsSteepness, codes.most(slot, *words_code_));
    if (terms_.taste == nullptr) return all;
    const float effect = taste_code_ ? terms_.taste->sound_effect(codes.most(slot, *taste_code_)) : 0;
    return all + weights_.taste / heard_ * terms_.taste->most(block, lane, facts, effect);
}

}  // namespace bgm
