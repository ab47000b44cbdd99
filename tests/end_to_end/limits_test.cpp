// The limits of media, configured: they reach the workers, and what exceeds them says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using testing::HasSubstr;

TEST(Limits, AreTheOperatorsToSet) {
    const Stack stack(Stack::Options{.mysql = true, .settings = {"media.pixels_max=1000"}});
    Conversation client(stack);
    client.post(
        {{"post_id", "photo"}, {"text", "a day at the sea"}, {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
        {jpeg_photo()});
    const auto pick = wait_for_pick(stack, "photo");
    ASSERT_TRUE(pick);
    EXPECT_THAT(pick->degraded.dump(), HasSubstr("too_large"));
    EXPECT_THAT(pick->degraded.dump(), HasSubstr("more than the 1000 allowed"));
    EXPECT_TRUE(pick->modalities.contains("text"));
}

}  // namespace
}  // namespace bgm::test
