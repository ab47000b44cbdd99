#include "daemon/pipeline/had_tracks.hpp"

#include <algorithm>
#include <tuple>

#include "fusion/stable_hash.hpp"

namespace bgm {

bool HadTracks::by_track(const Place& a, const Place& b) {
    return std::tie(a.track, a.post_key) < std::tie(b.track, b.post_key);
}

std::vector<std::uint32_t> HadTracks::not_again(const Catalogue& catalogue, const Recent& recent,
                                                std::string_view post_id, std::int64_t since_ms) {
    if (recent != recent_ || version_ != catalogue.version()) {
        recent_ = recent;
        version_ = catalogue.version();
        look_up(catalogue);
    }
    const std::uint64_t post_key = stable_hash(post_id);
    const auto counts = [&](const auto& one) { return one.at_ms > since_ms && one.post_key != post_key; };
    std::vector<std::uint32_t> tracks(places_.size() + 1);
    std::size_t told = 0;
    bool any_gone = false;
    // Without a branch that depends on the track: nobody can foretell it.
    for (std::uint32_t last = 0xFFFFFFFFU; const Place& one : places_) {
        const bool is_told = counts(one);
        any_gone |= one.given && !is_told;
        tracks[told] = one.track;
        told += is_told && one.track != last ? 1 : 0;
        last = is_told ? one.track : last;
    }
    tracks.resize(told);
    if (any_gone) {
        std::erase_if(given_, [&](const RecentTrack& one) { return !counts(one); });
        std::erase_if(places_, [&](const Place& one) { return one.given && !counts(one); });
    }
    return tracks;
}

void HadTracks::add(const Catalogue& catalogue, const v1::Pick& pick, std::int64_t at_ms) {
    const std::uint64_t post_key = stable_hash(pick.post_id());
    for (const v1::PickTrack& track : pick.tracks()) {
        given_.push_back({.track_id = track.track_id(), .post_key = post_key, .at_ms = at_ms});
        const auto index = catalogue.find(track.track_id());
        if (!index) continue;
        const Place place{.track = *index, .given = true, .post_key = post_key, .at_ms = at_ms};
        places_.insert(std::ranges::upper_bound(places_, place, by_track), place);
    }
    if (given_.size() <= kRecentTracksMax) return;
    given_.erase(given_.begin(), given_.end() - static_cast<std::ptrdiff_t>(kRecentTracksMax));
    const std::int64_t oldest_ms = given_.front().at_ms;
    std::erase_if(places_, [&](const Place& one) { return one.given && one.at_ms < oldest_ms; });
}

void HadTracks::look_up(const Catalogue& catalogue) {
    places_.clear();
    if (recent_) {
        for (const RecentTrack& one : *recent_) {
            if (const auto index = catalogue.find(one.track_id))
                places_.push_back({.track = *index, .post_key = one.post_key, .at_ms = one.at_ms});
        }
    }
    // Played and picked with the same post is one: the newest.
    std::ranges::sort(places_, [](const Place& a, const Place& b) {
        return std::tie(a.track, a.post_key, b.at_ms) < std::tie(b.track, b.post_key, a.at_ms);
    });
    const auto again = std::ranges::unique(places_, [](const Place& a, const Place& b) {
        return a.track == b.track && a.post_key == b.post_key;
    });
    places_.erase(again.begin(), again.end());

    std::vector<Place> given;
    std::erase_if(given_, [&](const RecentTrack& one) {
        const auto index = catalogue.find(one.track_id);
        if (!index) return false;  // another catalogue may have it again
        const Place place{.track = *index, .given = true, .post_key = one.post_key, .at_ms = one.at_ms};
        const auto stored = std::ranges::lower_bound(places_, place, by_track);
        const bool known = stored != places_.end() && !by_track(place, *stored) && stored->at_ms >= one.at_ms;
        if (!known) given.push_back(place);
        return known;
    });
    places_.insert(places_.end(), given.begin(), given.end());
    std::ranges::sort(places_, by_track);
}

}  // namespace bgm
