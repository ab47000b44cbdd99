#include "fusion/taste/taste_scores.hpp"

#include <algorithm>
#include <cmath>

#include "fusion/catalogue/quick_scan.hpp"
#include "fusion/catalogue/two_processors.hpp"

#if BGM_HAS_AVX2_PATH
#include <immintrin.h>
#endif

namespace bgm {
namespace {

// As in taste.cpp, of what is known of the sound.
constexpr float kSoundPrior = 4;
// A cosine of 0.6 with the direction of the taste is as much as a sound has of it.
constexpr float kSoundReach = 1.6F;
// From the effects to the match: a slope of 0.75 at 0.5.
constexpr float kSteepness = 1.5F;
// The deviation of one reaction's value, on the scale of the match.
constexpr float kReactionDeviation = 0.25F;
constexpr float kRounding = 1e-5F;

// A root and a quotient have the same bits everywhere.
float as_match(float effect) {
    const float steep = kSteepness * effect;
    return 0.5F + 0.5F * (steep / std::sqrt(1 + steep * steep));
}

template <typename Effects>
auto found(const Effects& effects, std::uint32_t number) {
    const auto at =
        std::lower_bound(effects.begin(), effects.end(), number,
                         [](const auto& one, std::uint32_t wanted) { return one.first < wanted; });
    using Effect = typename Effects::value_type::second_type;
    return at != effects.end() && at->first == number ? at->second : Effect{};
}

template <typename Effects>
NameValues values_of(const Effects& effects) {
    std::vector<std::pair<std::uint32_t, float>> values;
    values.reserve(effects.size());
    for (const auto& [number, one] : effects)
        values.emplace_back(number, one.value);
    return NameValues(values);
}

void add_most_plainly(BlockScores& scores, const BlockScores& effects, const BlockScores& shares) {
    for (std::size_t lane = 0; lane < scores.size(); ++lane)
        scores[lane] += shares[lane] * std::min(1.0F, as_match(effects[lane]) + kRounding);
}

#if BGM_HAS_AVX2_PATH
BGM_AVX2 void add_most_by_8(BlockScores& scores, const BlockScores& effects, const BlockScores& shares) {
    const __m256 half = _mm256_set1_ps(0.5F);
    const __m256 one = _mm256_set1_ps(1);
    const __m256 above = _mm256_set1_ps(0.5F + kRounding);
    const __m256 steepness = _mm256_set1_ps(kSteepness);
    for (std::size_t lane = 0; lane < scores.size(); lane += 8) {
        const __m256 steep = _mm256_mul_ps(steepness, _mm256_loadu_ps(effects.data() + lane));
        const __m256 root = _mm256_sqrt_ps(_mm256_add_ps(one, _mm256_mul_ps(steep, steep)));
        const __m256 match = _mm256_add_ps(above, _mm256_mul_ps(half, _mm256_div_ps(steep, root)));
        const __m256 added = _mm256_mul_ps(_mm256_loadu_ps(shares.data() + lane), _mm256_min_ps(one, match));
        _mm256_storeu_ps(scores.data() + lane, _mm256_add_ps(_mm256_loadu_ps(scores.data() + lane), added));
    }
}
#endif

}  // namespace

TasteScores::TasteScores(const Taste& taste, std::int64_t now_ms, const Catalogue& catalogue)
    : catalogue_(catalogue) {
    const Leanings known = leanings(taste, now_ms);
    moods_ = known.moods;
    quick_moods_ = QuickWeights(moods_);
    const auto fill = [](Effects& effects, const std::vector<Leanings::Named>& list, const NameKeys& keys) {
        for (const Leanings::Named& one : list) {
            for (const auto& [key, number] : keys.find(one.of->key))
                effects.emplace_back(number, Effect{one.value, one.weight});
        }
        std::sort(effects.begin(), effects.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
    };
    fill(genres_, known.genres, catalogue.genre_keys());
    fill(artists_, known.artists, catalogue.artist_keys());
    genre_values_ = values_of(genres_);
    artist_values_ = values_of(artists_);
    hear(taste, taste_decay(now_ms - taste.at_ms));

    const auto most = [](const Effects& effects) {
        float value = 0;
        for (const auto& [number, one] : effects)
            value = std::max(value, one.value);
        return value;
    };
    // Moods sum to 1: their mean has no more than the largest of them. A little more, for rounding.
    effect_max_ =
        *std::max_element(moods_.begin(), moods_.end()) + kRounding + most(genres_) + most(artists_);
    match_max_ = this->most(effect_max_ + sound_max_);
    // A root in bytes is off by half a step d, its square by d (2 root + d); the roots' squares sum to 1, so
    // that by Cauchy and Schwarz the roots, each by its mood's leaning, sum to no more than the leanings'
    // length.
    constexpr float step = 0.5F / QuickBlock::kMoodUnit;
    float squares = 0;
    float sum = 0;
    for (const float leaning : moods_) {
        squares += leaning * leaning;
        sum += std::abs(leaning);
    }
    moods_error_ = step * (2 * std::sqrt(squares) + step * sum) + kMoodSumsError;
}

// The covariance of value and sound is the direction in which a listener's likings lie; of its length, what
// chance alone would give it is taken off (James and Stein 1961).
void TasteScores::hear(const Taste& taste, float left) {
    const SoundSpace& sounds = catalogue_.sounds();
    const float weight = taste.heard.weight;
    if (!(weight > 0) || sounds.size() == 0 || taste.sound_model != sounds.model() ||
        taste.sound.size() != sounds.width() || taste.sound_valued.size() != sounds.width())
        return;
    const float mean = taste.heard.value / weight;
    std::vector<float> centre(taste.sound);
    std::vector<float> direction(taste.sound_valued);
    for (std::size_t i = 0; i < centre.size(); ++i) {
        centre[i] /= weight;
        direction[i] = direction[i] / weight - mean * centre[i];
    }
    const float spread = 1 - dot(centre, centre);  // of vectors of length 1 around their mean
    const float variance = taste.heard_value_squares / weight - mean * mean;
    const float squares = dot(direction, direction);
    const float reactions = weight * weight / taste.heard_squares;  // as if all weighed the same (Kish 1965)
    const float chance = variance * spread / reactions;
    if (!(spread > 1e-4F) || !(variance > 0) || !(squares > chance) || !std::isfinite(squares)) return;
    const float keep = 1 - chance / squares;
    const float strength =
        keep * std::sqrt(variance) * kSoundReach * left * weight / (left * weight + kSoundPrior);
    // One product a track: its cosine with the direction, seen from the centre, times the strength.
    const float by = strength / std::sqrt(squares * spread);
    for (float& number : direction)
        number *= by;
    direction_at_ = dot(direction, centre);
    direction_ = std::move(direction);
    sound_max_ = strength;
}

float TasteScores::sound_effect(float product) const {
    return std::clamp(product - direction_at_, -sound_max_, sound_max_);
}

float TasteScores::sound_effect_of(std::uint32_t track_index) const {
    if (direction_.empty() || !catalogue_.sounds().has(track_index)) return 0;
    return sound_effect(dot(direction_, catalogue_.sounds().vector(track_index)));
}

float TasteScores::most(float effect) {
    return std::min(1.0F, as_match(effect) + kRounding);
}

// The slope is nowhere more than at 0, and falls from there on.
float TasteScores::most_quickly(float effect) {
    return std::min(1.0F, 0.5F + kSteepness / 2 * std::max(effect, 0.0F) + kRounding);
}

void TasteScores::add_most(BlockScores& scores, const BlockScores& effects, const BlockScores& shares) {
#if BGM_HAS_AVX2_PATH
    if (has_avx2()) return add_most_by_8(scores, effects, shares);
#endif
    add_most_plainly(scores, effects, shares);
}

BlockScores TasteScores::effects(const QuickBlock& block, const Catalogue::FactsBlock& facts) const {
    BlockScores effects = quick_mood_sums(block, quick_moods_);
    for (float& effect : effects)
        effect += moods_error_;
    artist_values_.add_to(effects, facts.artist_group);
    genre_values_.add_to(effects, facts.genre);
    return effects;
}

float TasteScores::quick_match(std::uint32_t track_index, float effect) const {
    return std::min(as_match(effect - moods_error_ + sound_effect_of(track_index)), match_max_);
}

float TasteScores::quick_error() const {
    return kSteepness / 2 * moods_error_ + kRounding;
}

std::array<float, TasteScores::kCauses> TasteScores::effects(std::uint32_t track_index) const {
    std::array<float, kCauses> all{};
    const CatalogueBlock& block = catalogue_.blocks()[track_index / CatalogueBlock::kTracks];
    const std::size_t lane = track_index % CatalogueBlock::kTracks;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        all[0] += block.root_mood[k][lane] * block.root_mood[k][lane] * moods_[k];
    const Catalogue::Row& row = catalogue_.rows()[track_index];
    all[1] = genre_values_.of(row.genre);
    all[2] = artist_values_.of(row.artist_group);
    all[3] = sound_effect_of(track_index);
    return all;
}

float TasteScores::match(std::uint32_t track_index) const {
    const auto all = effects(track_index);
    return std::min(as_match(all[0] + all[1] + all[2] + all[3]), match_max_);
}

float TasteScores::doubt(std::uint32_t track_index) const {
    const float weight = found(artists_, catalogue_.rows()[track_index].artist_group).weight;
    return kReactionDeviation / std::sqrt(1 + weight);
}

std::optional<TasteCause> TasteScores::cause(std::uint32_t track_index) const {
    constexpr float kCauseMin = 0.02F;
    const auto all = effects(track_index);
    const auto most = std::max_element(all.begin(), all.end());
    if (*most < kCauseMin) return std::nullopt;
    return static_cast<TasteCause>(most - all.begin());
}

std::vector<std::uint32_t> turned_away_artists(const Taste& taste, std::int64_t now_ms,
                                               const Catalogue& catalogue) {
    std::vector<std::uint32_t> artists;
    for (const NamedTally& one : taste.artists) {
        if (one.turned_away < kTurnedAwayMin || now_ms - one.turned_away_ms >= kTasteHalfLifeMs) continue;
        for (const auto& [key, number] : catalogue.artist_keys().find(one.key))
            artists.push_back(number);
    }
    std::sort(artists.begin(), artists.end());
    return artists;
}

}  // namespace bgm
