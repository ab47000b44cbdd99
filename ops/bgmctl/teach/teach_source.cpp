#include "ops/bgmctl/teach/teach_source.hpp"

#include <algorithm>
#include <numeric>

#include "daemon/store/heard_tracks.hpp"
#include "daemon/store/seed_table.hpp"
#include "fusion/catalogue/name_keys.hpp"
#include "fusion/stable_hash.hpp"
#include "ops/bgmctl/teach/page_rest.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

constexpr std::size_t kTold = 500;  // rows, between two calls
constexpr std::size_t kPageTracks = 50;

std::uint32_t group_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32U);
}

/// A post without a user stands for itself.
std::uint32_t person_of(const StoredSeed& seed) {
    const std::uint64_t tenant = mix64(fnv1a64(seed.tenant) + seed.tenant.size());
    return seed.user_id.empty() ? group_of(mix64(fnv1a64(seed.post_id, ~tenant)))
                                : group_of(mix64(fnv1a64(seed.user_id, tenant)));
}

}  // namespace

Status read_post_seeds(MySqlConnection& connection, const std::string& model, std::uint64_t last,
                       SeedRows& rows, const OnRows& on_rows) {
    const auto take = [&](StoredSeed&& seed) {
        (void)rows.add(
            seed.embedding,
            {.moods = seed.moods, .affect = seed.affect, .weight = seed.weight, .group = person_of(seed)});
        return rows.size() % kTold != 0 || on_rows(rows.size());
    };
    return SeedTable(connection).for_each(model, 0, last, take, PageRest());
}

Status read_track_seeds(MySqlConnection& connection, const std::string& model, SeedRows& rows,
                        const OnRows& on_rows) {
    std::vector<std::uint16_t> halves;
    const auto take = [&](Track&& track, const TrackSound* sound, const std::string&) {
        const float sum = std::accumulate(track.moods.begin(), track.moods.end(), 0.0F);
        if (sound == nullptr || sound->embedding_model != model || !(sum > 0)) return;
        SeedLabel label{.affect = track.affect};
        for (std::size_t k = 0; k < kMoodCount; ++k)
            label.moods[k] = track.moods[k] / sum;
        if (track.affect.valence == 0 && track.affect.arousal == 0) {
            for (std::size_t k = 0; k < kMoodCount; ++k) {
                const Affect place = affect(static_cast<Mood>(k));
                label.affect.valence += label.moods[k] * place.valence;
                label.affect.arousal += label.moods[k] * place.arousal;
            }
        }
        label.group = group_of(mix64(artist_key(track.artist).value_or(fnv1a64(track.track_id))));
        halves.resize(sound->embedding.size());
        std::transform(sound->embedding.begin(), sound->embedding.end(), halves.begin(), float_to_half);
        (void)rows.add(halves, label);
    };
    const auto between = [&, rest = PageRest()]() mutable {
        rest();
        return on_rows(rows.size());
    };
    return HeardTracks(connection).for_each(kTrackModel, take, {.rows = kPageTracks, .between = between});
}

}  // namespace bgm
