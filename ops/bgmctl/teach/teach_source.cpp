#include "ops/bgmctl/teach/teach_source.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "daemon/store/heard_tracks.hpp"
#include "daemon/store/seed_table.hpp"
#include "fusion/catalogue/name_keys.hpp"
#include "fusion/stable_hash.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRestMax{100};
constexpr std::size_t kTold = 500;  // rows, between two calls

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
    // As long as a page took, the server is left to the posts that are delivered meanwhile.
    auto page_begun = Clock::now();
    const auto rest = [&] {
        std::this_thread::sleep_for(std::min<Clock::duration>(Clock::now() - page_begun, kRestMax));
        page_begun = Clock::now();
    };
    const auto take = [&](StoredSeed&& seed) {
        (void)rows.add(
            seed.embedding,
            {.moods = seed.moods, .affect = seed.affect, .weight = seed.weight, .group = person_of(seed)});
        return rows.size() % kTold != 0 || on_rows(rows.size());
    };
    return SeedTable(connection).for_each(model, 0, last, take, rest);
}

Status read_track_seeds(MySqlConnection& connection, const std::string& model, SeedRows& rows,
                        const OnRows& on_rows) {
    bool wanted = true;
    std::vector<std::uint16_t> halves;
    return HeardTracks(connection)
        .for_each(kTrackModel, [&](Track&& track, const TrackSound* sound, const std::string&) {
            const float sum = std::accumulate(track.moods.begin(), track.moods.end(), 0.0F);
            if (!wanted || sound == nullptr || sound->embedding_model != model || !(sum > 0)) return;
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
            if (rows.add(halves, label) && rows.size() % kTold == 0) wanted = on_rows(rows.size());
        });
}

}  // namespace bgm
