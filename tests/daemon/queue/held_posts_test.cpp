// What is held of shared queues: a message is known until it is settled, whatever its tags, and a post names
// all that went into it.
#include "daemon/queue/held_posts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Tag = AmqpConsumer::Tag;

/// Of 16 bytes, sent at `time`.
std::string id(char time, char chance = 'c') {
    return std::string(7, '\0') + time + std::string(7, chance) + '\0';
}

Tag tag(std::uint64_t number, std::uint64_t epoch = 1, std::uint32_t queue = 0) {
    return {.queue = queue, .epoch = epoch, .tag = number};
}

HeldPosts::Post post(const std::string& content, std::uint32_t revision = 1) {
    return {.tenant = "t", .post_id = "p", .user_id = "u", .content_hash = content, .revision = revision};
}

bool any(const HeldPosts::Post& /*post*/) {
    return true;
}

TEST(HeldPostsTest, NamesWhatWentIntoAPostOldestFirst) {
    HeldPosts held;
    held.hold(7, post("a"), held.learn(id(1), tag(1)));
    auto newest = post("b", 2);
    newest.retry = true;
    newest.late = true;
    held.hold(7, newest, held.learn(id(2), tag(2)));
    const auto origin = held.origin(7);
    ASSERT_TRUE(origin);
    EXPECT_THAT(origin->messages(), ElementsAre(id(1), id(2)));
    EXPECT_EQ(origin->content_hash(), "b");
    EXPECT_TRUE(origin->retry());
    EXPECT_TRUE(origin->late());
    EXPECT_EQ(held.size(), 1U);
    EXPECT_FALSE(held.origin(8));
}

TEST(HeldPostsTest, RemembersWhatWasRetriedBehindALaterVersion) {
    HeldPosts held;
    auto retry = post("a");
    retry.retry = true;
    retry.retried_revision = 4;
    held.hold(7, retry, held.learn(id(1), tag(1)));
    EXPECT_EQ(held.origin(7)->retried_revision(), 4U);
    held.hold(7, post("b", 2), held.learn(id(2), tag(2)));
    EXPECT_FALSE(held.origin(7)->retry());
    EXPECT_EQ(held.origin(7)->retried_revision(), 4U);
}

TEST(HeldPostsTest, ForgetsWhatItLetsGo) {
    HeldPosts held;
    held.hold(7, post("a"), held.learn(id(1), tag(1)));
    held.hold(7, post("b", 2), held.learn(id(2), tag(2)));
    EXPECT_THAT(held.let_go(7).tags, ElementsAre(tag(1), tag(2)));
    EXPECT_THAT(held.let_go(7).tags, IsEmpty());
    EXPECT_EQ(held.size(), 0U);
    EXPECT_EQ(held.messages(), 0U);
    EXPECT_EQ(held.known(id(1), tag(3)), nullptr);
}

TEST(HeldPostsTest, KnowsTheFilesOfAllThatWentIntoAPost) {
    HeldPosts held;
    const auto first = held.learn(id(1), tag(1));
    first->files = {"a", "b"};
    held.hold(7, post("a"), first);
    const auto second = held.learn(id(2), tag(2));
    second->files = {"c"};
    held.hold(7, post("b", 2), second);
    EXPECT_THAT(held.let_go(7).files, ElementsAre("a", "b", "c"));
    EXPECT_THAT(held.let_go(8).files, IsEmpty());
}

TEST(HeldPostsTest, ForgetsAMessageThatWentIntoNoPost) {
    HeldPosts held;
    const auto part = held.learn(id(1), tag(1));
    held.forget(*part);
    EXPECT_EQ(held.messages(), 0U);
    EXPECT_EQ(held.known(id(1), tag(2)), nullptr);
}

TEST(HeldPostsTest, KnowsAMessageUnderTheTagOfItsNewChannel) {
    HeldPosts held;
    held.hold(7, post("a"), held.learn(id(1), tag(5, 1)));
    EXPECT_NE(held.known(id(1), tag(1, 2)), nullptr);
    EXPECT_THAT(held.let_go(7).tags, ElementsAre(tag(1, 2)));
}

// Its sender's connection was lost before the confirmation, and it was published again.
TEST(HeldPostsTest, SettlesEachCopyOfAMessage) {
    HeldPosts held;
    held.hold(7, post("a"), held.learn(id(1), tag(1)));
    EXPECT_NE(held.known(id(1), tag(2)), nullptr);
    EXPECT_NE(held.known(id(1), tag(9, 4, 1)), nullptr);  // and one in another queue
    EXPECT_THAT(held.let_go(7).tags, ElementsAre(tag(1), tag(2), tag(9, 4, 1)));
}

TEST(HeldPostsTest, FindsWhatWasSentBeforeAStamp) {
    HeldPosts held;
    held.hold(1, post("a", 3), held.learn(id(1), tag(1)));
    held.hold(2, post("a"), held.learn(id(5), tag(2)));
    held.hold(3, post("a"), held.learn(id(2), tag(3)));
    held.hold(3, post("b", 2), held.learn(id(6), tag(4)));  // a part of it came later
    const std::string stamp = id(5).substr(0, 8);
    EXPECT_THAT(held.sent_before(stamp, any), ElementsAre(HeldPosts::Revision{1, 3}));
    EXPECT_THAT(held.sent_before(stamp, [](const auto& each) { return each.user_id == "other"; }), IsEmpty());
}

}  // namespace
}  // namespace bgm
