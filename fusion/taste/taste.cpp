#include "fusion/taste/taste.hpp"

#include <algorithm>
#include <cmath>

#include "fusion/mood/elementary.hpp"
#include "schemas/utf8.hpp"

namespace bgm {
namespace {

constexpr double kLog2 = 0.693147180559945309;
constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1000;
// How many reactions the belief that a listener is like any other is worth, by what they are about.
constexpr float kMeanPrior = 5;
constexpr float kMoodPrior = 1.5F;
constexpr float kGenrePrior = 2;
constexpr float kArtistPrior = 1;
// Less is nothing, and would become a denormal number.
constexpr float kWeightMin = 1e-6F;

void scale(Tally& tally, float by) {
    tally.weight *= by;
    tally.value *= by;
}

void add(Tally& tally, float weight, float value) {
    tally.weight += weight;
    tally.value += weight * value;
}

NamedTally* named(std::vector<NamedTally>& list, std::size_t most, std::uint64_t key, std::string_view name) {
    const auto by_key = [](const NamedTally& one, std::uint64_t other) { return one.key < other; };
    auto place = std::lower_bound(list.begin(), list.end(), key, by_key);
    if (place != list.end() && place->key == key) return &*place;
    if (list.size() >= most) {
        const auto least = std::min_element(list.begin(), list.end(), [](const auto& one, const auto& other) {
            return one.tally.weight != other.tally.weight ? one.tally.weight < other.tally.weight
                                                          : one.key < other.key;
        });
        list.erase(least);
        place = std::lower_bound(list.begin(), list.end(), key, by_key);
    }
    NamedTally fresh;
    fresh.key = key;
    fresh.name = std::string(truncate_utf8(name, kTasteNameBytes));
    return &*list.insert(place, std::move(fresh));
}

void learn_name(std::vector<NamedTally>& list, std::size_t most, std::uint64_t key, std::string_view name,
                float weight, float value, std::int64_t happened_ms) {
    NamedTally& one = *named(list, most, key, name);
    add(one.tally, weight, value);
    // One that happened before what is known already changes the sums alone.
    if (value > 0) {
        if (happened_ms >= one.turned_away_ms) one.turned_away = 0;
    } else {
        ++one.turned_away;
        one.turned_away_ms = std::max(one.turned_away_ms, happened_ms);
    }
}

void age(Taste& taste, float by) {
    scale(taste.all, by);
    scale(taste.heard, by);
    taste.heard_squares *= by * by;
    taste.heard_value_squares *= by;
    for (Tally& mood : taste.moods)
        scale(mood, by);
    for (auto* list : {&taste.artists, &taste.genres}) {
        for (NamedTally& one : *list)
            scale(one.tally, by);
        std::erase_if(*list, [](const NamedTally& one) { return one.tally.weight < kWeightMin; });
    }
    for (auto* vector : {&taste.sound, &taste.sound_valued}) {
        for (float& number : *vector)
            number *= by;
    }
}

void learn_sound(Taste& taste, const ReactedTrack& track, float weight, float value) {
    // Numbers of two models have nothing to do with each other: the newer one's count.
    if (taste.sound_model != track.sound_model || taste.sound.size() != track.sound.size()) {
        taste.sound_model = track.sound_model;
        taste.heard = {};
        taste.heard_squares = 0;
        taste.heard_value_squares = 0;
        taste.sound.assign(track.sound.size(), 0);
        taste.sound_valued.assign(track.sound.size(), 0);
    }
    add(taste.heard, weight, value);
    taste.heard_squares += weight * weight;
    taste.heard_value_squares += weight * value * value;
    for (std::size_t i = 0; i < track.sound.size(); ++i) {
        taste.sound[i] += weight * track.sound[i];
        taste.sound_valued[i] += weight * value * track.sound[i];
    }
}

}  // namespace

float reaction_value(Reaction reaction) {
    switch (reaction) {
        case Reaction::liked:
            return 1;
        case Reaction::played:
            return 0.5F;
        case Reaction::skipped:
            return -0.5F;
        case Reaction::replaced:
            break;
    }
    return -1;
}

float taste_decay(std::int64_t since_ms) {
    if (since_ms <= 0) return 1;
    return static_cast<float>(
        elementary_exp(-kLog2 * static_cast<double>(since_ms) / static_cast<double>(kTasteHalfLifeMs)));
}

Leanings leanings(const Taste& taste, std::int64_t now_ms) {
    const float left = taste_decay(now_ms - taste.at_ms);
    const float mean = left * taste.all.value / (left * taste.all.weight + kMeanPrior);
    const auto leaning = [&](const Tally& tally, float prior) {
        return left * (tally.value - mean * tally.weight) / (left * tally.weight + prior);
    };
    Leanings all;
    for (std::size_t k = 0; k < kMoodCount; ++k)
        all.moods[k] = leaning(taste.moods[k], kMoodPrior);
    for (const NamedTally& one : taste.artists)
        all.artists.push_back({&one, leaning(one.tally, kArtistPrior), left * one.tally.weight});
    for (const NamedTally& one : taste.genres)
        all.genres.push_back({&one, leaning(one.tally, kGenrePrior), left * one.tally.weight});
    return all;
}

ReactedTrack reacted_track(const Catalogue& catalogue, std::uint32_t track_index) {
    const TrackView track = catalogue.track(track_index);
    ReactedTrack reacted{.artist = track.artist, .genre = track.genre, .moods = track.moods};
    if (catalogue.sounds().has(track_index)) {
        reacted.sound_model = catalogue.sounds().model();
        reacted.sound = catalogue.sounds().vector(track_index);
    }
    return reacted;
}

bool Taste::learn(Reaction reaction, std::int64_t happened_ms, const ReactedTrack& track) {
    const std::int64_t on_day = happened_ms / kDayMs;
    if (on_day > day) {
        day = on_day;
        of_day = 0;
    }
    // An older day shares the newest one's room: nobody gets more of it by telling late.
    if (of_day >= kReactionsADay) return false;
    ++of_day;
    if (reactions == 0) at_ms = happened_ms;
    if (happened_ms > at_ms) {
        age(*this, taste_decay(happened_ms - at_ms));
        at_ms = happened_ms;
    }
    ++reactions;
    const float weight = taste_decay(at_ms - happened_ms);
    if (weight < kWeightMin) return true;
    const float value = reaction_value(reaction);
    add(all, weight, value);
    for (std::size_t k = 0; k < kMoodCount; ++k)
        add(moods[k], weight * track.moods[k], value);
    if (const auto key = artist_key(track.artist))
        learn_name(artists, kTasteArtistsMax, *key, track.artist, weight, value, happened_ms);
    if (const auto key = genre_key(track.genre))
        learn_name(genres, kTasteGenresMax, *key, track.genre, weight, value, happened_ms);
    if (!track.sound_model.empty() && !track.sound.empty()) learn_sound(*this, track, weight, value);
    return true;
}

}  // namespace bgm
