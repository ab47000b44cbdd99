// Listeners with hidden tastes, and a world to have them in: a catalogue of artists who each have a genre and
// a way of sounding, and posts of all moods.
//
// A listener of each kind likes about one track in twenty, and says of one pick a post what he thinks of it:
// of one that he likes where there is any, else of the first, which he skips. One in ten of his answers is
// wrong.
#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/matcher.hpp"
#include "fusion/taste/taste.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm::testing {

inline constexpr std::size_t kArtists = 300;
inline constexpr std::size_t kGenres = 20;
inline constexpr std::size_t kStyles = 20;
inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kSomeDayMs = 20'000 * kDayMs;

inline std::string artist_name(std::size_t artist) {
    return "Artist " + std::to_string(artist);
}
inline std::size_t genre_of(std::size_t artist) {
    return artist % kGenres;
}
inline std::size_t style_of(std::size_t artist) {
    return artist / 7 % kStyles;
}

/// Tracks by kArtists artists in turn. As real embeddings do, all point about the same way; what tells styles
/// apart is the smaller part.
inline Catalogue world(std::size_t tracks) {
    constexpr std::size_t kWidth = 48;
    RandomCases random(17);
    CatalogueBuilder builder;
    for (std::size_t i = 0; i < tracks; ++i) {
        const std::size_t artist = i % kArtists;
        Track track;
        track.track_id = "t" + std::to_string(i);
        track.artist = artist_name(artist);
        track.genre = "genre " + std::to_string(genre_of(artist));
        for (int k = 0; k < 3; ++k)
            track.moods.at(random.below(kMoodCount)) += random.unit();
        track.affect = random.affect();
        RandomCases style(1000 + style_of(artist));
        std::vector<float> sound(kWidth);
        for (float& number : sound)
            number = 1 + style.between(-1, 1) + random.between(-0.7F, 0.7F);
        const TrackSound heard{
            .moods = track.moods, .affect = track.affect, .embedding_model = "ear", .embedding = sound};
        if (!builder.add(track, &heard)) std::abort();
    }
    auto built = builder.finish();
    if (!built) std::abort();
    return *std::move(built);
}

enum class Liking : std::uint8_t { genre, artists, sound, moods };
inline constexpr std::array kLikings{Liking::genre, Liking::artists, Liking::sound, Liking::moods};

class Person {
 public:
    Person(const Catalogue& catalogue, Liking liking, std::uint64_t seed)
        : catalogue_(catalogue), liking_(liking), random_(seed) {
        one_ = random_.below(1000);
        while (artists_.size() < kArtists / 20)
            artists_.insert(artist_name(random_.below(kArtists)));
    }

    bool likes(std::uint32_t index) const {
        const TrackView track = catalogue_.track(index);
        const std::size_t artist = std::stoul(std::string(track.artist.substr(7)));
        switch (liking_) {
            case Liking::genre:
                return genre_of(artist) == one_ % kGenres;
            case Liking::artists:
                return artists_.contains(std::string(track.artist));
            case Liking::sound:
                return style_of(artist) == one_ % kStyles;
            case Liking::moods:
                break;
        }
        return track.moods[one_ % kMoodCount] > 0.6F;
    }

    /// One more post: a mood, and what the matcher is asked.
    FusedMood feel() {
        Evidence evidence = random_.evidence(Modality::text);
        evidence.precision = 1;
        return fuse({&evidence, 1});
    }
    MatchRequest request(bool with_taste) {
        MatchRequest request{.seed = random_.bits()};
        if (with_taste) request.listener = {.taste = std::make_shared<Taste>(taste_), .now_ms = now_ms_};
        request.listener.not_again.assign(had_.begin(), had_.end());
        return request;
    }

    void react(const std::vector<MatchedTrack>& picks) {
        if (picks.empty()) return;
        now_ms_ += kDayMs / 4;
        const MatchedTrack* chosen = &picks.front();
        for (const MatchedTrack& pick : picks) {
            had_.insert(pick.track_index);
            if (likes(pick.track_index) && !likes(chosen->track_index)) chosen = &pick;
        }
        const bool wrong = random_.below(10) == 0;
        const Reaction reaction = likes(chosen->track_index) != wrong ? Reaction::liked : Reaction::skipped;
        taste_.learn(reaction, now_ms_, reacted_track(catalogue_, chosen->track_index));
    }
    bool hit(const std::vector<MatchedTrack>& picks) const {
        return std::any_of(picks.begin(), picks.end(),
                           [this](const MatchedTrack& pick) { return likes(pick.track_index); });
    }
    const Taste& taste() const { return taste_; }
    std::int64_t now_ms() const { return now_ms_; }

 private:
    const Catalogue& catalogue_;
    Liking liking_;
    RandomCases random_;
    std::size_t one_ = 0;
    std::set<std::string> artists_;
    std::set<std::uint32_t> had_;
    Taste taste_;
    std::int64_t now_ms_ = kSomeDayMs;
};

/// How well the picks fit the mood alone.
inline double mood_fit(const std::vector<MatchedTrack>& picks) {
    double fit = 0;
    for (const MatchedTrack& pick : picks)
        fit += 0.65 * pick.mood_match + 0.35 * pick.affect_match;
    return picks.empty() ? 0 : fit / static_cast<double>(picks.size());
}

}  // namespace bgm::testing
