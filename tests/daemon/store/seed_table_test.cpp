// What posts teach: written with their picks and never twice, replaced with them, read in order, and bounded.
#include "daemon/store/seed_table.hpp"

#include <gmock/gmock.h>

#include "schemas/pick_seeds.hpp"
#include "schemas/safetensors.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class SeedTableTest : public test::MigratedDatabase {
 protected:
    void TearDown() override {
        for (const char* table : {"picks", "pick_tracks", "mood_seeds"})
            execute("DELETE FROM " + std::string(table));
    }

    static v1::Pick taught(const std::string& post_id, std::vector<std::string> models,
                           std::uint32_t revision = 1) {
        v1::Pick pick = test::sample_pick("t", post_id, revision, 1'790'000'000 + revision);
        v1::Seeds seeds;
        for (const std::string& model : models) {
            v1::Seed& seed = *seeds.add_seeds();
            seed.set_place(1);
            seed.set_modality("image");
            seed.set_model(model);
            for (const float number : {0.5F, -2.0F, 65'504.0F}) {
                const std::uint16_t half = float_to_half(number);
                seed.mutable_embedding()->append(reinterpret_cast<const char*>(&half), 2);
            }
            for (std::size_t k = 0; k < kMoodCount; ++k)
                seed.add_moods(k == 0 ? 0.4F : 0.05F);
            seed.set_valence(-0.25F);
            seed.set_arousal(1.0F / 3);
            seed.set_weight(0.75F);
        }
        add_seeds(pick, seeds);
        return pick;
    }
    std::vector<StoredSeed> all(const std::string& model, std::uint64_t after = 0) {
        std::vector<StoredSeed> seeds;
        const Status read = seeds_.for_each(model, after, UINT64_MAX, [&](StoredSeed&& seed) {
            seeds.push_back(std::move(seed));
            return true;
        });
        EXPECT_TRUE(read) << read.error().to_string();
        return seeds;
    }

    SeedTable seeds_{connection_};
};

TEST_F(SeedTableTest, KeepsWhatAPostTaught) {
    ASSERT_TRUE(write({taught("p", {"photo-1", "faces-1"})}));
    const auto seeds = all("photo-1");
    ASSERT_THAT(seeds, SizeIs(1));
    EXPECT_EQ(seeds[0].tenant, "t");
    EXPECT_EQ(seeds[0].post_id, "p");
    EXPECT_EQ(seeds[0].user_id, "u-'7' 🙂");
    EXPECT_EQ(seeds[0].moods[0], 0.4F);
    EXPECT_EQ(seeds[0].moods[12], 0.05F);
    EXPECT_EQ(seeds[0].affect.valence, -0.25F);
    EXPECT_EQ(seeds[0].affect.arousal, 1.0F / 3);
    EXPECT_EQ(seeds[0].weight, 0.75F);
    EXPECT_THAT(seeds[0].embedding,
                ElementsAre(float_to_half(0.5F), float_to_half(-2), float_to_half(65'504)));
    const auto counts = seeds_.counts();
    ASSERT_TRUE(counts);
    ASSERT_THAT(*counts, SizeIs(2));
    EXPECT_EQ(counts->at(0).model, "faces-1");
    EXPECT_EQ(counts->at(0).seeds, 1U);
    EXPECT_EQ(*seeds_.last("photo-1"), seeds[0].number);
    EXPECT_EQ(*seeds_.last("none"), 0U);
}

// Nobody knows whether a commit arrived whose answer was lost: the batch comes again.
TEST_F(SeedTableTest, KeepsItOnceHoweverOftenItIsWritten) {
    for (int time = 0; time < 3; ++time)
        ASSERT_TRUE(write({taught("p", {"photo-1"}), taught("q", {"photo-1"})}));
    EXPECT_THAT(all("photo-1"), SizeIs(2));
}

TEST_F(SeedTableTest, GoesWithTheRevisionThatTaughtIt) {
    ASSERT_TRUE(write({taught("p", {"photo-1", "faces-1"})}));
    ASSERT_TRUE(write({taught("p", {"photo-1"}, 2)}));
    EXPECT_THAT(all("photo-1"), SizeIs(1));
    EXPECT_THAT(all("faces-1"), SizeIs(0));
    ASSERT_TRUE(write({taught("p", {"photo-1", "faces-1"}, 1)}));
    EXPECT_THAT(all("faces-1"), SizeIs(0)) << "a late answer of an older revision";
    ASSERT_TRUE(write({}, {test::sample_dead("t", "p", 3, 1'790'000'100)}));
    EXPECT_THAT(all("photo-1"), SizeIs(0));
}

TEST_F(SeedTableTest, IsReadInOrderAndUpToANumber) {
    std::vector<v1::Pick> picks;
    for (int i = 0; i < 1'200; ++i)
        picks.push_back(taught("p" + std::to_string(10'000 + i), {"photo-1"}));
    ASSERT_TRUE(write(picks));
    const auto seeds = all("photo-1");
    ASSERT_THAT(seeds, SizeIs(1'200)) << "more than a page";
    EXPECT_TRUE(std::is_sorted(seeds.begin(), seeds.end(),
                               [](const auto& a, const auto& b) { return a.number < b.number; }));
    std::size_t some = 0;
    ASSERT_TRUE(seeds_.for_each("photo-1", 0, seeds[99].number, [&](StoredSeed&&) { return ++some > 0; }));
    EXPECT_EQ(some, 100U);
    some = 0;
    ASSERT_TRUE(seeds_.for_each("photo-1", 0, UINT64_MAX, [&](StoredSeed&&) { return ++some < 5; }));
    EXPECT_EQ(some, 5U);
}

// A lesson reads beside live posts: the last page costs the server no more than the first.
TEST_F(SeedTableTest, IsReadWithoutPassingByWhatWasRead) {
    std::vector<v1::Pick> picks;
    for (int i = 0; i < 600; ++i)
        picks.push_back(taught("p" + std::to_string(10'000 + i), {"photo-1", "faces-1"}));
    ASSERT_TRUE(write(picks));
    const auto looked_at = [&] {
        std::uint64_t rows = 0;
        EXPECT_TRUE(connection_.query("SHOW SESSION STATUS LIKE 'Handler_icp_attempts'",
                                      [&](MySqlRow row) { rows += std::stoul(row[1].value()); }));
        EXPECT_TRUE(connection_.query("SHOW SESSION STATUS LIKE 'Handler_read%'",
                                      [&](MySqlRow row) { rows += std::stoul(row[1].value()); }));
        return rows;
    };
    const std::uint64_t before = looked_at();
    ASSERT_THAT(all("photo-1"), SizeIs(600));
    EXPECT_LT(looked_at() - before, 3 * 600);
}

TEST_F(SeedTableTest, LetsTheOldestGo) {
    ASSERT_TRUE(write({taught("a", {"photo-1", "faces-1"})}));
    ASSERT_TRUE(write({taught("b", {"photo-1"})}));
    ASSERT_TRUE(write({taught("c", {"photo-1"})}));
    EXPECT_EQ(*seeds_.trim(2), 1U);
    const auto left = all("photo-1");
    ASSERT_THAT(left, SizeIs(2));
    EXPECT_EQ(left[0].post_id, "b");
    EXPECT_THAT(all("faces-1"), SizeIs(1)) << "of each model";
    EXPECT_EQ(*seeds_.trim(2), 0U);
}

}  // namespace
}  // namespace bgm
