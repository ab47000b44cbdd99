#include "ops/lab/make-media-heads/cue_weights.hpp"

#include <cmath>
#include <stdexcept>

#include "ops/lab/make-media-heads/linear_weights.hpp"

namespace bgm::heads {
namespace {

std::size_t cue_index(std::span<const AudioCue> cues, std::string_view wanted) {
    for (std::size_t i = 0; i < cues.size(); ++i) {
        if (cues[i].name == wanted) return i;
    }
    throw std::logic_error("no cue is called " + std::string(wanted));
}

std::vector<float> weights_of(const AffectRule& rule, std::span<const AudioCue> cues) {
    std::vector<float> weights(embedding_size(cues.size()));
    float squares = 0;
    for (const AffectWeight& row : rule.cues)
        squares += row.weight * row.weight;
    const float scale = rule.reliability * rule.spread / (std::sqrt(squares) * rule.together);
    for (const AffectWeight& row : rule.cues)
        weights[cue_index(cues, row.cue)] += scale * row.weight;
    return weights;
}

// Were the feeling at `place`, z would be Gaussian around reliability * (place - mean) / spread with the
// variance 1 - reliability^2: its logarithm, without what is the same for all moods. So a mood is as likely
// as the cues say and not as it is close to the average, where most answers lie: heads give evidence, and
// what is common is the pool's to know.
void add_likelihood(const AffectRule& rule, const std::vector<float>& weights, Mood mood, float place,
                    LinearWeights& head) {
    const float trust = rule.reliability * rule.reliability;
    const float slope = (place - rule.mean) / (rule.spread * rule.spread * (1 - trust));
    for (std::size_t i = 0; i < weights.size(); ++i)
        head.add(mood, i, slope * weights[i]);
    head.mood_bias[static_cast<std::size_t>(mood)] -= trust * slope * (place - rule.mean) / 2;
}

}  // namespace

std::string make_cue_head(const CueHead& head) {
    LinearWeights weights(embedding_size(head.cues.size()));
    weights.valence = weights_of(head.valence, head.cues);
    weights.arousal = weights_of(head.arousal, head.cues);
    weights.valence_bias = head.valence.mean;
    weights.arousal_bias = head.arousal.mean;
    for (std::size_t i = 0; i < kMoodCount; ++i) {
        const auto mood = static_cast<Mood>(i);
        add_likelihood(head.valence, weights.valence, mood, affect(mood).valence, weights);
        add_likelihood(head.arousal, weights.arousal, mood, affect(mood).arousal, weights);
    }
    for (const MoodWeight& row : head.moods)
        weights.add(row.mood, cue_index(head.cues, row.cue), row.weight);
    return weights.to_safetensors({{"model", std::string(head.model)},
                                   {"modality", "audio"},
                                   {"temperature", std::string(head.temperature)},
                                   {"precision", std::string(head.precision)},
                                   {"license", "MIT"},
                                   {"made_by", "bgm-make-media-heads"}});
}

}  // namespace bgm::heads
