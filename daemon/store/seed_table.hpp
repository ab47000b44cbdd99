// What posts teach the heads, in MySQL (`mood_seeds`). Rows are written with the picks of their posts
// (PickTable), and go with them.
//
// Belongs to the thread of its connection, and connects by itself where that is not connected. Errors are
// those of connection.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/connection.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"
#include "schemas/seed.pb.h"

namespace bgm {

struct StoredSeed {
    std::uint64_t number = 0;  // counts up as rows are written
    std::string tenant;
    std::string post_id;
    std::string user_id;
    MoodDistribution moods{};
    Affect affect;
    float weight = 0;
    std::vector<std::uint16_t> embedding;  // binary16
};

struct SeedCount {
    std::string model;
    std::string modality;
    std::uint64_t seeds = 0;
};

inline constexpr std::string_view kSeedsInsert =
    "INSERT INTO mood_seeds (tenant, post_id, place, model, user_id, modality, moods, valence, arousal, "
    "weight, embedding) VALUES ";
/// Appends "(...)".
void append_row(std::string& sql, std::string_view tenant, std::string_view post_id, std::string_view user_id,
                const v1::Seed& seed);

class SeedTable {
 public:
    explicit SeedTable(MySqlConnection& connection) : connection_(connection) {}

    /// By model and modality.
    Result<std::vector<SeedCount>> counts();
    /// The largest number of a model's seeds; 0 where there is none.
    Result<std::uint64_t> last(std::string_view model);
    /// A model's seeds behind `after`, up to `last`, in the order of their numbers, a page at a time. Those
    /// whose moods are no thirteen numbers are left out. Ends early, without an error, where `on_seed` is
    /// false. `between_pages` may wait, so that the server has time for others.
    Status for_each(std::string_view model, std::uint64_t after, std::uint64_t last,
                    const std::function<bool(StoredSeed&&)>& on_seed,
                    const std::function<void()>& between_pages = {});
    /// Removes the oldest of each model that has more than `most`; a few thousand at a time. How many went.
    Result<std::uint64_t> trim(std::uint64_t most);

 private:
    MySqlConnection& connection_;
};

}  // namespace bgm
