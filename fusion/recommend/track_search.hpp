// The tracks of a catalogue that a text asks for, best first.
//
//     score = sum of weight * term / sum of weights        over the terms that the text speaks of
//
//     words  1    the share of the words to be found that stand in title, artist, album, genre or track_id; 1
//                 where the whole text does
//     mood   1    what the track scores for a post that feels so (scan.hpp)
//     tempo  0.5  1 within what is asked for, falling to 0 in 30 bpm; says nothing of an unknown tempo
//     sound  1    the cosine with where the words lie among sounds, where that is known (0 below 0)
//
// What the text denies, and an era, a language or "instrumental", hold for every track, but for one that is
// named by the whole text. Where it says nothing else, all tracks for which they hold score 1. Pure; the same
// catalogue and text give the same list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/search_words.hpp"

namespace bgm {

struct SearchHit {
    struct Found {
        std::string word;        // as it was said
        std::string_view place;  // "title", "artist", "album", "genre", "track_id"
    };
    std::uint32_t track_index = 0;
    float score = 0;     // 0..1
    bool named = false;  // all of the text stands in one of its names
    // The terms, where they say something.
    std::optional<float> words, mood, tempo, sound;
    std::vector<Found> found;

    /// "piano in title; calm 72 %; 64 bpm": why it is there.
    std::string reason(const Catalogue& catalogue, const SearchWish& wish) const;
};

/// Whether a model that reads words among sounds may say where they lie in this catalogue: the built-in one
/// does not.
bool may_hear_words(const Catalogue& catalogue);

/// The `limit` best of those that fit (words alone: of which one is found), and that `passes` (empty: all)
/// lets through; alike ones in the catalogue's order. `total`, if not null, is how many fit.
std::vector<SearchHit> search_tracks(const Catalogue& catalogue, const SearchWish& wish, std::size_t limit,
                                     const std::function<bool(std::uint32_t)>& passes = {},
                                     std::size_t* total = nullptr);

}  // namespace bgm
