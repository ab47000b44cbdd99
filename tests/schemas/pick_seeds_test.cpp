// Seeds go with a pick through its bytes, and into nothing that prints it.
#include "schemas/pick_seeds.hpp"

#include <gtest/gtest.h>

#include "schemas/codec.hpp"
#include "schemas/pick_json.hpp"

namespace bgm {
namespace {

v1::Seeds two_seeds() {
    v1::Seeds seeds;
    for (const char* model : {"one", "two"}) {
        v1::Seed& seed = *seeds.add_seeds();
        seed.set_place(1);
        seed.set_model(model);
        seed.set_embedding("secret bytes");
    }
    return seeds;
}

v1::Pick calm_pick() {
    v1::Pick pick;
    pick.set_post_id("p");
    pick.set_mood("calm");
    return pick;
}

TEST(PickSeeds, ComeBackFromThePicksBytes) {
    v1::Pick pick = calm_pick();
    EXPECT_EQ(seeds_of(pick).seeds_size(), 0);
    add_seeds(pick, two_seeds());
    v1::Pick read;
    ASSERT_TRUE(read.ParseFromString(pick.SerializeAsString()));
    EXPECT_EQ(read.mood(), "calm");
    EXPECT_EQ(seeds_of(read).SerializeAsString(), two_seeds().SerializeAsString());
    EXPECT_EQ(v1::Pick::descriptor()->FindFieldByNumber(v1::Seeds::kSeedsFieldNumber), nullptr)
        << "the field is Pick's own now";
}

TEST(PickSeeds, AreInNothingThatPrintsAPick) {
    v1::Pick pick = calm_pick();
    add_seeds(pick, two_seeds());
    EXPECT_EQ(pick_json(pick), pick_json(calm_pick()));
    EXPECT_EQ(to_json(pick), to_json(calm_pick()));
}

TEST(PickSeeds, AreNoneWhereTheyCannotBeRead) {
    v1::Pick pick = calm_pick();
    std::string bytes = pick.SerializeAsString();
    bytes += std::string("\xC2\x3E\x02\xFF\xFF", 5);  // field 1000, two bytes that are no seed
    ASSERT_TRUE(pick.ParseFromString(bytes));
    EXPECT_EQ(seeds_of(pick).seeds_size(), 0);
}

}  // namespace
}  // namespace bgm
