#include "ops/lab/train/mood_targets.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace bgm::train {
namespace {

using Weights = std::array<float, kMoodCount>;

struct Meaning {
    std::uint8_t label;
    Mood mood;
    float weight;
};

// GoEmotions' labels of several moods by their place in labels.txt: which mood they mean first. A mood that
// is not named here has the weight 1.
constexpr std::array kSecondary{
    Meaning{5, Mood::beautiful, 0.8F},   // caring: calm
    Meaning{10, Mood::annoying, 0.9F},   // disapproval
    Meaning{14, Mood::anxious, 0.5F},    // fear: scary
    Meaning{15, Mood::beautiful, 0.7F},  // gratitude: joyful
    Meaning{18, Mood::erotic, 0.5F},     // love: beautiful
    Meaning{20, Mood::joyful, 0.5F},     // optimism: triumphant
};

// A rated sentence is on one side or the other from this distance to the middle on.
constexpr float kSideFrom = 0.1F;

void lift(Weights& weights, std::initializer_list<std::pair<Mood, float>> moods) {
    for (const auto& [mood, weight] : moods)
        weights[static_cast<std::size_t>(mood)] = weight;
}

Weights side(bool pleasant) {
    Weights weights{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        weights[k] = (affect(static_cast<Mood>(k)).valence > 0) == pleasant ? 1.0F : 0.0F;
    return weights;
}

// The moods that the labels mean, each with the largest weight that any of the labels gives it.
Weights meant(const Example& example) {
    Weights weights{};
    for (std::size_t k = 0; k < kMoodCount; ++k)
        weights[k] = example.moods[k] ? 1.0F : 0.0F;
    if (example.task == Task::kote) {
        // A dozen labels a text: the mood that most of them mean is the one.
        const float most = *std::max_element(example.votes.begin(), example.votes.end());
        for (std::size_t k = 0; k < kMoodCount; ++k)
            weights[k] *= std::sqrt(static_cast<float>(example.votes[k]) / std::max(1.0F, most));
    }
    if (example.task != Task::goemotions || example.labels.size() != 1) return weights;
    for (const Meaning& meaning : kSecondary) {
        if (example.labels.front() == meaning.label)
            weights[static_cast<std::size_t>(meaning.mood)] *= meaning.weight;
    }
    return weights;
}

bool any(const Weights& weights) {
    return std::any_of(weights.begin(), weights.end(), [](float weight) { return weight > 0; });
}

}  // namespace

MoodTargets::MoodTargets(const std::vector<Example>& examples, const MoodTargetOptions& options)
    : options_(options) {
    shares_.fill(1.0);  // no mood is taken for impossible
    for (const Example& example : examples) {
        const Weights weights = meant(example);
        double sum = 0;
        for (float weight : weights)
            sum += weight;
        if (example.task == Task::kote || sum == 0) continue;
        for (std::size_t k = 0; k < kMoodCount; ++k)
            shares_[k] += weights[k] / sum;
    }
    double all = 0;
    for (double share : shares_)
        all += share;
    for (double& share : shares_)
        share /= all;
}

MoodTarget MoodTargets::of(const Example& example) const {
    MoodTarget target;
    target.weights = meant(example);
    if (any(target.weights)) {
        target.mood_weight = 1;
        target.felt = target.felt_weight = 1;
    }
    if (is_plain(example) || (example.task == Task::lexicon && !any(target.weights))) target.felt_weight = 1;
    if (example.polarity != 0) {
        target.weights = side(example.polarity > 0);
        target.mood_weight = static_cast<float>(options_.group_weight);
    }
    if (example.task == Task::affect && std::fabs(example.affect.valence) >= kSideFrom) {
        target.weights = side(example.affect.valence > 0);
        target.mood_weight = static_cast<float>(options_.group_weight);
    }
    if (example.task == Task::chat && example.labels.front() == 1) {
        lift(target.weights,
             {{Mood::sad, 1.0F}, {Mood::anxious, 0.3F}, {Mood::dreamy, 0.2F}, {Mood::annoying, 0.2F}});
        target.mood_weight = static_cast<float>(options_.chat_weight);
    }
    if (example.task == Task::chat && example.labels.front() == 2) {
        lift(target.weights,
             {{Mood::erotic, 0.7F}, {Mood::beautiful, 1.0F}, {Mood::anxious, 0.6F}, {Mood::joyful, 0.5F}});
        target.mood_weight = static_cast<float>(options_.chat_weight);
    }
    float most = 0;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        target.weights[k] *= static_cast<float>(
            std::pow(shares_[k], example.task == Task::kote ? -0.3 * options_.rarity : -options_.rarity));
        most = std::max(most, target.weights[k]);
    }
    if (most > 0) {
        for (float& weight : target.weights)
            weight /= most;
    }
    return target;
}

}  // namespace bgm::train
