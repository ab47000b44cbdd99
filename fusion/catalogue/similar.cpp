#include "fusion/catalogue/similar.hpp"

#include <algorithm>

#include "fusion/catalogue/scan.hpp"

namespace bgm {
namespace {

std::vector<SimilarTrack> by_ear(const Catalogue& catalogue, std::uint32_t track_index) {
    const SoundSpace& sounds = catalogue.sounds();
    const std::span<const float> own = sounds.vector(track_index);
    std::vector<SimilarTrack> all;
    all.reserve(sounds.size());
    for (std::uint32_t index = 0; index < catalogue.size(); ++index) {
        if (index != track_index && sounds.has(index))
            all.push_back({.track_index = index, .similarity = dot(own, sounds.vector(index))});
    }
    return all;
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

SimilarTracks similar_tracks(const Catalogue& catalogue, std::uint32_t track_index, std::size_t limit) {
    SimilarTracks similar;
    similar.by_ear = catalogue.sounds().has(track_index);
    similar.tracks = similar.by_ear ? by_ear(catalogue, track_index) : by_mood(catalogue, track_index);
    const auto shown =
        similar.tracks.begin() + static_cast<std::ptrdiff_t>(std::min(limit, similar.tracks.size()));
    std::ranges::partial_sort(similar.tracks, shown, [](const SimilarTrack& a, const SimilarTrack& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.track_index < b.track_index;
    });
    similar.tracks.erase(shown, similar.tracks.end());
    return similar;
}

}  // namespace bgm
