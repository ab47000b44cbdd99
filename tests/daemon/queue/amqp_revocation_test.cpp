// A message that its sender was told is not taken may come all the same: it is revoked before that is said,
// and asked for before it joins a post that is held. What says the same as a post that is held waits for its
// end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/daemon/queue/amqp_fixture.hpp"
#include "tests/daemon/queue/sharing_host.hpp"

namespace bgm::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AmqpRevocationTest : public BrokerTest {
 protected:
    static Config config(const RabbitBroker& broker = *broker_) { return sharing_config("one", broker); }
    static std::size_t known(SharingHost& host) {
        return host.on_loop([&] { return host.queue().known(); });
    }
    static std::int64_t seq_of(SharingHost& host, std::size_t at) {
        return host.on_loop([&] { return host.taken().at(at).seq; });
    }
    static std::string newest_message_of(SharingHost& host, std::int64_t seq) {
        return host.on_loop([&] { return *host.queue().origin(seq)->messages().rbegin(); });
    }
    static std::vector<std::string> looked_up(SharingHost& host) {
        return host.on_loop([&] {
            std::vector<std::string> ids;
            for (const PostMessage& message : host.looked_up())
                ids.push_back(message.id);
            return ids;
        });
    }
};

// A broker of its own: it stands still.
TEST_F(AmqpRevocationTest, RevokesWhatIsNotConfirmedBeforeItsSenderIsTold) {
    auto started = RabbitBroker::start();
    ASSERT_TRUE(started) << started.error().to_string();
    auto settings = config(**started);
    settings.queue.confirm_timeout_ms = 300;
    settings.queue.waiting_bytes_max = 4'000;
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(host.put("p", "confirmed")); }));
    const std::size_t before = host.on_loop([&] { return host.revoked().size(); });
    (*started)->freeze();
    host.let_mysql_answer(false);
    const auto put = [&](const char* post_id) {
        return std::async(std::launch::async,
                          [&host, post_id] { return host.put(post_id, std::string(3'000, 'x')); });
    };
    auto told = put("p");
    EXPECT_TRUE(host.eventually([&] { return host.revoked().size() == before + 1; }));
    auto told_too = put("q");
    EXPECT_TRUE(host.eventually([&] { return host.revoked().size() == before + 2; }));
    EXPECT_FALSE(host.on_loop([&] { return host.queue().has_room(); })) << "who waits for MySQL takes room";
    const Status full = host.put("r", "one more");
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(told.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    host.let_mysql_answer(true);
    const Status busy = told.get();
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, ErrorCode::unavailable);
    EXPECT_FALSE(told_too.get());
    (*started)->thaw();
    // It comes, and is the one that was revoked.
    host.consume();
    ASSERT_TRUE(eventually([&] { return host.texts().size() >= 2; }));
    EXPECT_TRUE(host.on_loop([&] {
        const auto origin = host.queue().origin(host.taken().back().seq);
        return origin && host.revoked().contains(*origin->messages().rbegin());
    }));
}

TEST_F(AmqpRevocationTest, AsksOnlyAboutWhatJoinsAPostThatIsHeld) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "first"));
    ASSERT_TRUE(host.put("q", "another"));
    host.consume();
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(looked_up(host), IsEmpty());
    ASSERT_TRUE(host.put("p", "second"));
    ASSERT_TRUE(host.until_taken(3));
    EXPECT_THAT(looked_up(host), ElementsAre(newest_message_of(host, seq_of(host, 2))));
    ASSERT_TRUE(host.settle(seq_of(host, 2), 2));
    ASSERT_TRUE(host.settle(seq_of(host, 1), 1));
    ASSERT_TRUE(host.until_idle());
    ASSERT_TRUE(host.put("p", "third"));
    ASSERT_TRUE(host.until_taken(4));
    EXPECT_THAT(looked_up(host), SizeIs(1));
}

TEST_F(AmqpRevocationTest, WhatNoLongerCountsJoinsNothingAndHoldsItsPlaceUntilThatIsKnown) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.consume();
    ASSERT_TRUE(host.put("p", "newer"));
    ASSERT_TRUE(host.until_taken(1));
    host.let_mysql_answer(false);
    ASSERT_TRUE(host.put("p", "late", {"a photo"}));
    ASSERT_TRUE(host.put("p", "newest"));
    ASSERT_TRUE(host.put("q", "behind them"));
    ASSERT_TRUE(host.eventually([&] { return !host.looked_up().empty(); }));
    ASSERT_TRUE(host.eventually([&] { return host.queue().known() == 4; }));
    EXPECT_THAT(host.texts(), ElementsAre("newer"));
    host.call_ineffective(looked_up(host).front());
    host.let_mysql_answer(true);
    ASSERT_TRUE(host.until_taken(3));
    EXPECT_THAT(host.texts(), ElementsAre("newer", "newest", "behind them"));
    EXPECT_EQ(known(host), 3U) << "it is settled at once";
    EXPECT_EQ(host.on_loop([&] { return host.queue().origin(host.taken()[1].seq)->messages_size(); }), 2);
    EXPECT_TRUE(eventually([&] { return host.media_folders() == 0; }));
}

TEST_F(AmqpRevocationTest, WhatSaysTheSameCountsWhereTheFirstTurnsOutToBeRevoked) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.consume();
    ASSERT_TRUE(host.put("p", "same", {"a photo"}));
    ASSERT_TRUE(host.until_taken(1));
    const std::string first = newest_message_of(host, seq_of(host, 0));
    ASSERT_TRUE(host.put("p", "same", {"a photo"}));
    ASSERT_TRUE(host.put("p", "same", {"a photo"}));
    ASSERT_TRUE(host.eventually([&] { return host.queue().known() == 3; }));
    EXPECT_TRUE(host.eventually([&] { return host.queue().origin(host.taken()[0].seq)->alike_size() == 2; }));
    ASSERT_TRUE(host.settle(seq_of(host, 0), 1, false, true));
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("same", "same"));
    EXPECT_EQ(known(host), 2U);
    const auto origin = host.on_loop([&] { return *host.queue().origin(host.taken()[1].seq); });
    EXPECT_THAT(origin.messages(), SizeIs(1));
    EXPECT_NE(origin.messages(0), first);
    EXPECT_FALSE(host.on_loop([&] { return host.taken()[1].media; }).empty());
    host.erase_media(host.on_loop([&] { return host.taken()[0].media; }));
    host.erase_media(host.on_loop([&] { return host.taken()[1].media; }));
    ASSERT_TRUE(host.settle(seq_of(host, 1), 1));
    EXPECT_TRUE(host.until_idle());
    EXPECT_TRUE(eventually([&] { return host.media_folders() == 0; }));
}

// The one that takes the row of a post has all of its end, that of a newer version, too.
TEST_F(AmqpRevocationTest, WhatSaysTheSameWaitsForANewerVersionToo) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.consume();
    for (const char* text : {"same", "same", "newer"})
        ASSERT_TRUE(host.put("p", text));
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("same", "newer"));
    EXPECT_EQ(known(host), 3U);
    ASSERT_TRUE(host.settle(seq_of(host, 0), 1, false, true)) << "that revision is not the newest";
    EXPECT_EQ(known(host), 3U);
    EXPECT_THAT(host.on_loop([&] { return host.revoked(); }), IsEmpty());
    const auto origin = host.on_loop([&] { return *host.queue().origin(host.taken()[1].seq); });
    EXPECT_THAT(origin.messages(), SizeIs(2));
    EXPECT_THAT(origin.passed_over(), SizeIs(1)) << "another host may answer it";
    ASSERT_TRUE(host.settle(seq_of(host, 1), 2));
    EXPECT_TRUE(host.until_idle());
    EXPECT_EQ(host.taken_count(), 2U);
    EXPECT_THAT(host.on_loop([&] { return host.revoked(); }), SizeIs(1)) << "a second copy of it may come";
}

TEST_F(AmqpRevocationTest, AnErasureTakesWhatWaitsToo) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.consume();
    ASSERT_TRUE(host.put("p", "same", {"a photo"}));
    ASSERT_TRUE(host.put("p", "same", {"a photo"}));
    ASSERT_TRUE(host.put("q", "same", {"a photo"}, false, "somebody else"));
    ASSERT_TRUE(host.put("q", "same", {"a photo"}, false, "somebody else"));
    // The erasure comes by both lines: by the other one it may overtake what does not wait here yet.
    ASSERT_TRUE(host.eventually([&] {
        const auto waited_for = [&](const AcceptedPost& post) {
            return host.queue().origin(post.seq)->alike_size() == 1;
        };
        return host.taken().size() == 2 && std::ranges::all_of(host.taken(), waited_for);
    }));
    ASSERT_TRUE(host.erase("", "u"));
    EXPECT_TRUE(host.eventually([&] { return host.queue().known() == 2 && host.scopes().size() == 2; }));
    EXPECT_EQ(host.taken_count(), 2U);
    ASSERT_TRUE(host.settle(seq_of(host, 1), 1, false, true));
    ASSERT_TRUE(host.until_taken(3));
    EXPECT_EQ(host.on_loop([&] { return host.taken().back().post.post_id(); }), "q");
}

}  // namespace
}  // namespace bgm::test
