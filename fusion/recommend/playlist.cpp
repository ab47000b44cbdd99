#include "fusion/recommend/playlist.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "fusion/catalogue/track_sound.hpp"

namespace bgm {
namespace {

using Tracks = std::vector<PlaylistTrack>;

constexpr float kUnknown = 0.5F;
constexpr float kLoudnessReach = 12;  // LU: louder by so much is as far as it gets
constexpr float kKeyReach = 7;        // steps on the wheel
constexpr float kArousalWeight = 3;   // of a level arousal: as much as the others together
constexpr float kLeast = 1e-5F;       // gains below it are rounding
constexpr int kRoundsMax = 8;

class Order {
 public:
    Order(Tracks& tracks, Arc arc) : tracks_(tracks) {
        // Each kind of jump beside what it is between any two of these tracks: none may outdo the others.
        std::array<float, 4> sums{};
        for (std::size_t a = 0; a < tracks.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                sums[0] += tempo_jump(tracks[a], tracks[b]);
                sums[1] += key_jump(tracks[a], tracks[b]);
                sums[2] += loudness_jump(tracks[a], tracks[b]);
                sums[3] += std::abs(tracks[a].arousal - tracks[b].arousal);
            }
        }
        const auto pairs = static_cast<float>(tracks.size() * (tracks.size() - 1) / 2);
        for (std::size_t kind = 0; kind < sums.size(); ++kind)
            weights_[kind] = sums[kind] > kLeast ? pairs / sums[kind] : 0;
        sum_ = std::accumulate(tracks.begin(), tracks.end(), 0.0F,
                               [](float all, const auto& one) { return all + one.score; });
        left_ = kPlaylistShare * sum_;
        weights_[3] *= arc == Arc::level ? kArousalWeight : 0;
    }

    float jump(const PlaylistTrack& a, const PlaylistTrack& b) const {
        return weights_[0] * tempo_jump(a, b) + weights_[1] * key_jump(a, b) +
               weights_[2] * loudness_jump(a, b) + weights_[3] * std::abs(a.arousal - b.arousal);
    }

    /// From the first one on, always to the nearest that is left.
    void go_to_the_nearest() {
        for (std::size_t at = 1; at < tracks_.size(); ++at) {
            std::size_t nearest = at;
            for (std::size_t other = at + 1; other < tracks_.size(); ++other) {
                if (jump(tracks_[at - 1], tracks_[other]) < jump(tracks_[at - 1], tracks_[nearest]))
                    nearest = other;
            }
            std::swap(tracks_[at], tracks_[nearest]);
        }
    }

    /// Turns stretches of the way around, and moves single tracks, while that makes it shorter.
    void untangle() {
        bool better = true;
        for (int round = 0; better && round < kRoundsMax; ++round)
            better = static_cast<int>(turn_around()) + static_cast<int>(move_single()) > 0;
    }

    /// Lets picks give way to tracks of the pool that lie between their neighbours.
    void exchange(std::span<const PlaylistTrack> pool) {
        for (std::size_t at = 1; at < tracks_.size(); ++at) {
            const PlaylistTrack* best = nullptr;
            float most = kLeast;
            for (const PlaylistTrack& other : pool) {
                const float loss = tracks_[at].score - other.score;
                if (loss > left_) continue;
                // A small loss for a large gain first: what there is to give is to go a long way.
                const float gain = around(at, tracks_[at]) - around(at, other) -
                                   std::max(loss, 0.0F) * static_cast<float>(tracks_.size()) / (4 * sum_);
                if (gain <= most || !is_free(other, at)) continue;
                most = gain;
                best = &other;
            }
            if (best == nullptr) continue;
            left_ -= std::max(tracks_[at].score - best->score, 0.0F);
            tracks_[at] = *best;
        }
    }

    /// By arousal, then smoother where the arc leaves room.
    void follow(Arc arc) {
        std::sort(tracks_.begin(), tracks_.end(), [arc](const auto& a, const auto& b) {
            if (a.arousal != b.arousal)
                return arc == Arc::rise ? a.arousal < b.arousal : a.arousal > b.arousal;
            return a.track_index < b.track_index;
        });
        const std::size_t room = tracks_.size() / 6;
        std::vector<std::size_t> place(tracks_.size());  // by arousal, of the track that stands there
        std::iota(place.begin(), place.end(), std::size_t{0});
        const auto far = [](std::size_t a, std::size_t b) { return a > b ? a - b : b - a; };
        bool better = true;
        for (int round = 0; better && round < kRoundsMax; ++round) {
            better = false;
            for (std::size_t a = 0; a < tracks_.size(); ++a) {
                for (std::size_t b = a + 1; b < std::min(tracks_.size(), a + 2 * room + 1); ++b) {
                    if (far(place[a], b) > room || far(place[b], a) > room) continue;
                    const float before = length(a, b);
                    std::swap(tracks_[a], tracks_[b]);
                    if (length(a, b) < before - kLeast) {
                        std::swap(place[a], place[b]);
                        better = true;
                    } else {
                        std::swap(tracks_[a], tracks_[b]);
                    }
                }
            }
        }
    }

 private:
    bool turn_around() {
        bool better = false;
        for (std::size_t a = 1; a + 1 < tracks_.size(); ++a) {
            for (std::size_t b = a + 1; b < tracks_.size(); ++b) {
                const bool last = b + 1 == tracks_.size();
                const float before =
                    jump(tracks_[a - 1], tracks_[a]) + (last ? 0 : jump(tracks_[b], tracks_[b + 1]));
                const float after =
                    jump(tracks_[a - 1], tracks_[b]) + (last ? 0 : jump(tracks_[a], tracks_[b + 1]));
                if (after >= before - kLeast) continue;
                std::reverse(tracks_.begin() + static_cast<std::ptrdiff_t>(a),
                             tracks_.begin() + static_cast<std::ptrdiff_t>(b) + 1);
                better = true;
            }
        }
        return better;
    }

    bool move_single() {
        bool better = false;
        for (std::size_t a = 1; a < tracks_.size(); ++a) {
            std::size_t best = a;
            float most = kLeast;
            const bool last = a + 1 == tracks_.size();
            const float freed = around(a, tracks_[a]) - (last ? 0 : jump(tracks_[a - 1], tracks_[a + 1]));
            for (std::size_t b = 1; b < tracks_.size(); ++b) {  // to stand before b, or behind the last
                if (b == a || b == a + 1) continue;
                const float cost = jump(tracks_[b - 1], tracks_[a]) + jump(tracks_[a], tracks_[b]) -
                                   jump(tracks_[b - 1], tracks_[b]);
                if (freed - cost <= most) continue;
                most = freed - cost;
                best = b;
            }
            if (best == a) continue;
            const auto at = [this](std::size_t i) {
                return tracks_.begin() + static_cast<std::ptrdiff_t>(i);
            };
            if (best > a) {
                std::rotate(at(a), at(a + 1), at(best));
            } else {
                std::rotate(at(best), at(a), at(a + 1));
            }
            better = true;
        }
        return better;
    }

    /// The jumps to and from this place, if `one` stood there.
    float around(std::size_t at, const PlaylistTrack& one) const {
        return jump(tracks_[at - 1], one) + (at + 1 < tracks_.size() ? jump(one, tracks_[at + 1]) : 0);
    }

    /// The jumps that change if the tracks at these places do; a < b.
    float length(std::size_t a, std::size_t b) const {
        float sum = 0;
        if (a > 0) sum += jump(tracks_[a - 1], tracks_[a]);
        sum += jump(tracks_[a], tracks_[a + 1]);
        if (b > a + 1) sum += jump(tracks_[b - 1], tracks_[b]);
        if (b + 1 < tracks_.size()) sum += jump(tracks_[b], tracks_[b + 1]);
        return sum;
    }

    bool is_free(const PlaylistTrack& other, std::size_t at) const {
        for (std::size_t i = 0; i < tracks_.size(); ++i) {
            if (tracks_[i].track_index == other.track_index) return false;
            if (i != at && tracks_[i].artist_group == other.artist_group) return false;
        }
        return true;
    }

    Tracks& tracks_;
    float sum_ = 0;                   // of the scores that were given
    float left_ = 0;                  // of what an order may cost
    std::array<float, 4> weights_{};  // of tempo, key, loudness and arousal
};

}  // namespace

PlaylistTrack playlist_track(const Catalogue& catalogue, std::uint32_t track_index, float score) {
    const Catalogue::Row& row = catalogue.rows()[track_index];
    const CatalogueBlock& block = catalogue.blocks()[track_index / CatalogueBlock::kTracks];
    return {.track_index = track_index,
            .artist_group = row.artist_group,
            .score = score,
            .tempo_bpm = row.tempo_bpm,
            .loudness_lufs = row.loudness_lufs,
            .key = row.key,
            .heard = row.heard,
            .arousal = block.arousal[track_index % CatalogueBlock::kTracks]};
}

float tempo_jump(const PlaylistTrack& a, const PlaylistTrack& b) {
    if (!(a.tempo_bpm > 0) || !(b.tempo_bpm > 0)) return kUnknown;
    const float octaves = std::abs(std::log2(a.tempo_bpm / b.tempo_bpm));
    const float folded = octaves - std::floor(octaves);
    return 2 * std::min(folded, 1 - folded);
}

float key_jump(const PlaylistTrack& a, const PlaylistTrack& b) {
    if (a.key == 0 || b.key == 0) return kUnknown;
    return static_cast<float>(key_distance(a.key, b.key)) / kKeyReach;
}

float loudness_jump(const PlaylistTrack& a, const PlaylistTrack& b) {
    if (!a.heard || !b.heard) return kUnknown;
    return std::min(std::abs(a.loudness_lufs - b.loudness_lufs) / kLoudnessReach, 1.0F);
}

void order_playlist(std::vector<PlaylistTrack>& picks, std::span<const PlaylistTrack> pool, Arc arc) {
    if (picks.size() < 3) return;
    Order order(picks, arc);
    if (arc == Arc::rise || arc == Arc::fall) return order.follow(arc);
    order.go_to_the_nearest();
    order.untangle();
    for (int round = 0; round < 2; ++round) {
        order.exchange(pool);
        order.untangle();
    }
}

}  // namespace bgm
