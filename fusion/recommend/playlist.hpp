// The order of picks that are played one after the other.
//
// A jump between two tracks is what a listener notices: tempo (in octaves, folded, as 70 and 140 beats a
// minute go together), key (steps on the Camelot wheel) and loudness. The way through all of them that jumps
// least is a travelling salesman's; nearest neighbour and 2-opt (Croes 1958) come near enough, without
// chance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"

namespace bgm {

/// Fewer are a choice to pick from, not a playlist; more than kPlaylistMax are a list.
inline constexpr std::size_t kPlaylistMin = 5;
inline constexpr std::size_t kPlaylistMax = 100;
/// How much of the picks' scores together an order may cost.
inline constexpr float kPlaylistShare = 0.015F;

/// One track as the order sees it.
struct PlaylistTrack {
    std::uint32_t track_index = 0;
    std::uint32_t artist_group = 0;
    float score = 0;
    float tempo_bpm = 0;  // 0 = unknown
    float loudness_lufs = 0;
    std::uint8_t key = 0;  // 0 = unknown
    bool heard = false;    // else its loudness is not known
    float arousal = 0;
};

/// A track of the catalogue so.
PlaylistTrack playlist_track(const Catalogue& catalogue, std::uint32_t track_index, float score = 0);

/// Each 0..1; half of it where it is not known.
float tempo_jump(const PlaylistTrack& a, const PlaylistTrack& b);
float key_jump(const PlaylistTrack& a, const PlaylistTrack& b);
float loudness_jump(const PlaylistTrack& a, const PlaylistTrack& b);

/// Puts the picks (best first) in an order. Without an arc, and with `level`, the best one stays first, and
/// picks may give way to others of the pool that come between their neighbours more smoothly: no artist
/// twice, and the scores together fall by no more than kPlaylistShare. `level` minds the arousal as well.
/// With `rise` or `fall` no track is more than a sixth of the list away from its place by arousal, which
/// makes Spearman's rank correlation at least 0.83.
void order_playlist(std::vector<PlaylistTrack>& picks, std::span<const PlaylistTrack> pool, Arc arc);

}  // namespace bgm
