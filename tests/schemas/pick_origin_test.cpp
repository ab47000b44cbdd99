// Where a decision came from goes with its bytes, and into nothing that prints it.
#include "schemas/pick_origin.hpp"

#include <gtest/gtest.h>

#include "schemas/codec.hpp"
#include "schemas/pick_json.hpp"
#include "schemas/pick_seeds.hpp"

namespace bgm {
namespace {

v1::Origin origin_with(std::initializer_list<const char*> messages) {
    v1::Origin origin;
    for (const char* message : messages)
        origin.add_messages(message);
    origin.set_content_hash("secret hash");
    origin.set_retry(true);
    return origin;
}

v1::Pick calm_pick() {
    v1::Pick pick;
    pick.set_post_id("p");
    pick.set_mood("calm");
    return pick;
}

TEST(PickOrigin, ComesBackFromTheBytesBesideSeeds) {
    v1::Pick pick = calm_pick();
    EXPECT_FALSE(origin_of(pick));
    v1::Seeds seeds;
    seeds.add_seeds()->set_model("one");
    add_seeds(pick, seeds);
    EXPECT_FALSE(origin_of(pick));
    set_origin(pick, origin_with({"a", "b"}));
    v1::Pick read;
    ASSERT_TRUE(read.ParseFromString(pick.SerializeAsString()));
    ASSERT_TRUE(origin_of(read));
    EXPECT_EQ(origin_of(read)->SerializeAsString(), origin_with({"a", "b"}).SerializeAsString());
    EXPECT_EQ(seeds_of(read).seeds_size(), 1);
    EXPECT_EQ(v1::Pick::descriptor()->FindFieldByNumber(v1::Carried::kOriginFieldNumber), nullptr)
        << "the field is Pick's own now";
    EXPECT_EQ(v1::DeadLetter::descriptor()->FindFieldByNumber(v1::Carried::kOriginFieldNumber), nullptr)
        << "the field is DeadLetter's own now";
}

TEST(PickOrigin, IsReplacedNotAddedTo) {
    v1::DeadLetter dead;
    set_origin(dead, origin_with({"a", "b"}));
    set_origin(dead, origin_with({"c"}));
    ASSERT_TRUE(origin_of(dead));
    EXPECT_EQ(origin_of(dead)->SerializeAsString(), origin_with({"c"}).SerializeAsString());
}

TEST(PickOrigin, IsInNothingThatPrints) {
    v1::Pick pick = calm_pick();
    set_origin(pick, origin_with({"a"}));
    EXPECT_EQ(pick_json(pick), pick_json(calm_pick()));
    EXPECT_EQ(to_json(pick), to_json(calm_pick()));
    v1::DeadLetter dead;
    set_origin(dead, origin_with({"a"}));
    EXPECT_EQ(to_json(dead), to_json(v1::DeadLetter()));
}

}  // namespace
}  // namespace bgm
