#include "fusion/catalogue/similar.hpp"

#include <algorithm>

#include "fusion/catalogue/scan.hpp"

namespace bgm {
namespace {

void keep_best(std::vector<SimilarTrack>& tracks, std::size_t limit) {
    const auto shown = tracks.begin() + static_cast<std::ptrdiff_t>(std::min(limit, tracks.size()));
    std::ranges::partial_sort(tracks, shown, [](const SimilarTrack& a, const SimilarTrack& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.track_index < b.track_index;
    });
    tracks.erase(shown, tracks.end());
}

std::vector<SimilarTrack> by_mood(const Catalogue& catalogue, std::uint32_t track_index) {
    const CatalogueBlock& own = catalogue.blocks()[track_index / CatalogueBlock::kTracks];
    const std::size_t lane = track_index % CatalogueBlock::kTracks;
    ScanTarget target;
    for (std::size_t mood = 0; mood < kMoodCount; ++mood)
        target.root_mood[mood] = own.root_mood[mood][lane];
    target.affect = {.valence = own.valence[lane], .arousal = own.arousal[lane]};
    std::vector<SimilarTrack> all;
    all.reserve(catalogue.size());
    for (std::uint32_t index = 0; index < catalogue.size();) {
        const BlockScores scores = score_block(catalogue.blocks()[index / CatalogueBlock::kTracks], target);
        for (const float score : scores) {
            if (index == catalogue.size()) break;
            if (index != track_index) all.push_back({.track_index = index, .similarity = score});
            ++index;
        }
    }
    return all;
}

}  // namespace

std::vector<SimilarTrack> nearest_by_ear(const Catalogue& catalogue, std::span<const float> place,
                                         std::size_t limit) {
    const SoundSpace& sounds = catalogue.sounds();
    std::vector<SimilarTrack> all;
    all.reserve(sounds.size());
    for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
        if (sounds.has(index))
            all.push_back({.track_index = index, .similarity = dot(place, sounds.vector(index))});
    }
    keep_best(all, limit);
    return all;
}

SimilarTracks similar_tracks(const Catalogue& catalogue, std::uint32_t track_index, std::size_t limit) {
    SimilarTracks similar;
    similar.by_ear = catalogue.sounds().has(track_index);
    if (similar.by_ear) {
        similar.tracks = nearest_by_ear(catalogue, catalogue.sounds().vector(track_index), limit + 1);
        std::erase_if(similar.tracks, [=](const auto& one) { return one.track_index == track_index; });
    } else {
        similar.tracks = by_mood(catalogue, track_index);
    }
    keep_best(similar.tracks, limit);
    return similar;
}

}  // namespace bgm
