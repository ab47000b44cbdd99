// A shared queue with a broker, a journal and a media store of its own: what is put is taken once, in order,
// and stays with the broker until it is settled.
#include "daemon/queue/amqp_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/daemon/queue/amqp_fixture.hpp"
#include "tests/daemon/queue/sharing_host.hpp"

namespace bgm::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AmqpQueueTest : public BrokerTest {
 protected:
    static Config config(const std::string& host, const RabbitBroker& broker) {
        return sharing_config(host, broker);
    }
    static Config config(const std::string& host = "one") { return config(host, *broker_); }
    static std::string queue(const std::string& name) { return config().queue.prefix + "." + name; }
    static std::string live() { return queue("live.0"); }

    static v1::QueueMessage message(const std::string& post_id, const std::string& text) {
        v1::Post post;
        post.set_tenant("t");
        post.set_post_id(post_id);
        post.set_user_id("u");
        post.set_text(text);
        post.set_priority(v1::LIVE);
        v1::QueueMessage message;
        message.set_kind(v1::QueueMessage::POST);
        message.set_id(MessageIds().next(false));
        message.set_tenant("t");
        message.set_post_id(post_id);
        message.set_content_hash((text + std::string(32, '.')).substr(0, 32));
        message.set_post(post.SerializeAsString());
        message.set_accepted_ms(1'000);
        return message;
    }
};

TEST_F(AmqpQueueTest, TakesWhatIsPutOnceAndKeepsItUntilItIsSettled) {
    {
        SharingHost host(config());
        ASSERT_TRUE(host.opened()) << host.error().to_string();
        ASSERT_TRUE(host.eventually([&] { return host.queue().has_room(); }));
        ASSERT_TRUE(host.put("p", "words", {"bytes of an image"}));
        ASSERT_TRUE(eventually_ready(live(), 1));
        host.consume();
        ASSERT_TRUE(host.until_taken(1));
        const AcceptedPost post = host.on_loop([&] { return host.taken().front(); });
        EXPECT_EQ(post.post.text(), "words");
        EXPECT_EQ(post.revision, 1U);
        EXPECT_TRUE(std::filesystem::exists(host.media_folder() / post.media));
        EXPECT_FALSE(post.media.empty());
        EXPECT_EQ(host.rows(), 1);
    }
    ASSERT_TRUE(eventually_ready(live(), 1));
    SharingHost next(config("two"));
    ASSERT_TRUE(next.opened()) << next.error().to_string();
    next.consume();
    ASSERT_TRUE(next.until_taken(1));
    const auto seq = next.on_loop([&] { return next.taken().front().seq; });
    const auto origin = next.on_loop([&] { return next.queue().origin(seq); });
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->messages_size(), 1);
    ASSERT_TRUE(next.settle(seq, 1));
    EXPECT_TRUE(next.until_idle());
    EXPECT_EQ(next.rows(), 0);
    next.consume({});
    EXPECT_TRUE(eventually_unconsumed(live()));
    EXPECT_EQ(ready_in(live()), 0);
}

TEST_F(AmqpQueueTest, MediaIsNotOvertakenByLighterPostsOfItsQueue) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    std::vector<std::string> texts;
    for (int number = 0; number < 12; ++number) {
        texts.push_back("text " + std::to_string(number));
        const auto media = number % 3 == 0 ? std::vector<std::string>{std::string(1 << 20, 'm')}
                                           : std::vector<std::string>{};
        ASSERT_TRUE(host.put("p" + std::to_string(number % 2), texts.back(), media));
    }
    host.consume();
    ASSERT_TRUE(host.until_taken(12));
    EXPECT_EQ(host.texts(), texts);
    const auto [revision, messages] = host.on_loop([&] {
        const AcceptedPost& last = host.taken().back();
        return std::pair(last.revision, host.queue().origin(last.seq)->messages_size());
    });
    EXPECT_EQ(revision, 6U);
    EXPECT_EQ(messages, 6);
}

TEST_F(AmqpQueueTest, SettlesAPostThatIsSentTwiceWithTheFirst) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "same"));
    ASSERT_TRUE(host.put("p", "same"));
    ASSERT_TRUE(host.put("q", "last"));
    host.consume();
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("same", "last"));
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 3U);
    ASSERT_TRUE(host.settle(host.on_loop([&] { return host.taken().front().seq; }), 1));
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 1U);
    host.consume({});
    EXPECT_TRUE(eventually_ready(live(), 1));  // of the three
    EXPECT_EQ(host.taken_count(), 2U);
}

// Its publisher lost the connection before the confirmation, and published it again.
TEST_F(AmqpQueueTest, SettlesBothCopiesOfAMessage) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    const std::string body = message("p", "once").SerializeAsString();
    fill(live(), {body, body, body});
    ASSERT_TRUE(host.put("q", "last"));
    host.consume();
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("once", "last"));
    const auto seqs = host.on_loop([&] { return std::pair(host.taken()[0].seq, host.taken()[1].seq); });
    ASSERT_TRUE(host.settle(seqs.first, 1));
    ASSERT_TRUE(host.settle(seqs.second, 1));
    EXPECT_TRUE(host.until_idle());
    host.consume({});
    EXPECT_TRUE(eventually_unconsumed(live()));
    EXPECT_EQ(ready_in(live()), 0);
}

TEST_F(AmqpQueueTest, KnowsAMessageThatComesAgainAfterItsConnectionWasLost) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "first"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    const auto connections = [] { return broker_->control({"list_connections", "pid", "--silent"}); };
    const auto before = connections();
    ASSERT_TRUE(before && !before->empty());
    ASSERT_TRUE(broker_->control({"close_all_connections", "test"}));
    ASSERT_TRUE(eventually([&] {
        const auto now = connections();
        std::istringstream lines(*before);
        for (std::string pid; now && std::getline(lines, pid);)
            if (now->find(pid) != std::string::npos) return false;
        return now.ok();
    }));
    ASSERT_TRUE(host.eventually([&] { return host.queue().missing().empty(); }));
    ASSERT_TRUE(host.put("q", "later"));  // behind the first one: when it is taken, that one has come again
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("first", "later"));
    // It was not taken for a duplicate, and settled before its time.
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 2U);
    const auto seqs = host.on_loop([&] { return std::pair(host.taken()[0].seq, host.taken()[1].seq); });
    ASSERT_TRUE(host.settle(seqs.first, 1));
    ASSERT_TRUE(host.settle(seqs.second, 1));
    host.consume({});
    EXPECT_TRUE(eventually_unconsumed(live()));
    EXPECT_EQ(ready_in(live()), 0);
}

TEST_F(AmqpQueueTest, GivesAPartitionUpAndTakesItBackWhileItsPostIsInAnalysis) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "first"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    host.consume({});
    ASSERT_TRUE(eventually_ready(live(), 1));
    ASSERT_TRUE(host.settle(host.on_loop([&] { return host.taken()[0].seq; }), 1));
    EXPECT_TRUE(host.until_idle());
    EXPECT_TRUE(eventually_ready(live(), 1));  // its tag was void: whoever takes it next has it again
    host.consume();
    ASSERT_TRUE(host.until_taken(2));
    ASSERT_TRUE(host.settle(host.on_loop([&] { return host.taken()[1].seq; }), 1));
    EXPECT_TRUE(host.until_idle());
}

TEST_F(AmqpQueueTest, ErasesWhatWasSentBeforeAndNothingElse) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "before", {"image"}));
    ASSERT_TRUE(host.put("q", "other"));
    ASSERT_TRUE(host.erase("p", ""));
    ASSERT_TRUE(host.put("p", "after"));
    host.consume();
    ASSERT_TRUE(host.eventually([&] { return host.scopes().size() == 2; }));  // of both lines
    ASSERT_TRUE(host.until_taken(3));
    const auto last = host.on_loop([&] { return host.taken().back(); });
    EXPECT_EQ(last.post.text(), "after");
    EXPECT_TRUE(host.on_loop([&] { return host.queue().origin(last.seq).has_value(); }));
    ASSERT_TRUE(host.settle(last.seq, last.revision));
    ASSERT_TRUE(host.settle(host.on_loop([&] { return host.taken()[1].seq; }), 1));
    EXPECT_TRUE(host.until_idle());
    EXPECT_TRUE(eventually([&] { return host.media_folders() == 0; }));
    EXPECT_EQ(host.rows(), 0);
}

// As an operator's erasure does, on the host that holds the post: the row goes first.
TEST_F(AmqpQueueTest, SettlesAPostWhoseRowWasErasedBefore) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "text"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    ASSERT_TRUE(host.erase_row(host.on_loop([&] { return host.taken().front().seq; })));
    ASSERT_TRUE(host.erase("p", ""));
    EXPECT_TRUE(host.until_idle());
}

TEST_F(AmqpQueueTest, ErasesAUserOnBothLines) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "live", {"image"}));
    ASSERT_TRUE(host.put("q", "backfill", {"image"}, true));
    ASSERT_TRUE(host.put("r", "of somebody else", {}, false, "other"));
    host.consume();
    ASSERT_TRUE(host.until_taken(3));
    EXPECT_EQ(host.media_folders(), 2U);
    ASSERT_TRUE(host.erase("", "u"));
    ASSERT_TRUE(host.eventually([&] { return host.scopes().size() == 2 && host.queue().known() == 1; }));
    EXPECT_EQ(host.rows(), 1);
    EXPECT_TRUE(eventually([&] { return host.media_folders() == 0; }));
    const auto messages = host.on_loop([&] {
        std::size_t count = 0;
        for (const ErasureScope& scope : host.scopes()) {
            count += scope.messages.size();
            EXPECT_EQ(scope.user_id, "u");
            EXPECT_EQ(scope.sent_before.size(), 8U);
        }
        return count;
    });
    EXPECT_EQ(messages, 2U);
    host.consume({});
    EXPECT_TRUE(eventually_ready(live(), 1));
    EXPECT_EQ(ready_in(queue("backfill.0")), 0);
}

TEST_F(AmqpQueueTest, TriesAnErasureAgainUntilTheRowsAreGone) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.fail_erasures(2);
    ASSERT_TRUE(host.erase("p", ""));
    host.consume();
    EXPECT_TRUE(host.eventually([&] { return host.scopes().size() == 4; }));
    EXPECT_TRUE(host.until_idle());
}

TEST_F(AmqpQueueTest, AMessageThatCannotBeReadGoesToTheDeadAndStaysThere) {
    {
        SharingHost host(config());
        ASSERT_TRUE(host.opened()) << host.error().to_string();
        fill(live(), {"\xff no message"});
        ASSERT_TRUE(host.put("p", "fine"));
        host.consume();
        ASSERT_TRUE(host.until_taken(1));
        EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 1U);
        ASSERT_TRUE(host.settle(host.on_loop([&] { return host.taken().front().seq; }), 1));
    }
    EXPECT_TRUE(eventually_ready(queue("dead"), 1));
    EXPECT_EQ(ready_in(live()), 0);
}

TEST_F(AmqpQueueTest, APostThatNoHostTakesBecomesADeadLetter) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    v1::QueueMessage broken = message("p", "words");
    broken.set_post("\xff no post");
    fill(live(), {broken.SerializeAsString()});
    host.consume();
    ASSERT_TRUE(host.eventually([&] { return host.dead().size() == 1; }));
    const auto [seq, letter] = host.on_loop([&] { return host.dead().front(); });
    EXPECT_EQ(letter.stage(), "queue");
    EXPECT_EQ(letter.code(), "corrupt");
    EXPECT_THAT(letter.message(), HasSubstr("no host could take it"));
    EXPECT_EQ(letter.post_id(), "p");
    EXPECT_TRUE(host.on_loop([&, seq = seq] { return host.queue().origin(seq)->late(); }));
    ASSERT_TRUE(host.settle(seq, letter.revision(), true));
    EXPECT_TRUE(host.until_idle());
    EXPECT_EQ(host.taken_count(), 0U);
}

TEST_F(AmqpQueueTest, APostBeyondTheDeliveryLimitBecomesADeadLetter) {
    auto settings = config();
    settings.queue.delivery_limit = 1;
    {
        SharingHost first(settings);  // hosts that die with it
        ASSERT_TRUE(first.opened()) << first.error().to_string();
        ASSERT_TRUE(first.put("p", "poison"));
        first.consume();
        ASSERT_TRUE(first.until_taken(1));
    }
    ASSERT_TRUE(eventually_ready(live(), 1));
    settings.queue.host_name = "two";
    {
        SharingHost second(settings);
        ASSERT_TRUE(second.opened()) << second.error().to_string();
        second.consume();
        ASSERT_TRUE(second.until_taken(1));
    }
    settings.queue.host_name = "three";
    SharingHost third(settings);
    ASSERT_TRUE(third.opened()) << third.error().to_string();
    third.consume();
    ASSERT_TRUE(third.eventually([&] { return third.dead().size() == 1; }));
    const auto [seq, letter] = third.on_loop([&] { return third.dead().front(); });
    EXPECT_THAT(letter.message(), HasSubstr("was lost before the post was done"));
    EXPECT_EQ(letter.code(), "internal");
    EXPECT_EQ(letter.post().text(), "poison");
    ASSERT_TRUE(third.settle(seq, letter.revision(), true));
    EXPECT_TRUE(third.until_idle());
    EXPECT_EQ(third.taken_count(), 0U);
    EXPECT_EQ(ready_in(live()), 0);
}

// The other line was longer: what was posted before comes behind.
TEST_F(AmqpQueueTest, OlderBackfillDoesNotTakeTheRowOfALaterPost) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "later"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    v1::QueueMessage older = message("p", "earlier");
    v1::Post post;
    ASSERT_TRUE(post.ParseFromString(older.post()));
    post.set_priority(v1::BACKFILL);
    older.set_post(post.SerializeAsString());
    fill(queue("backfill.0"), {older.SerializeAsString()});
    ASSERT_TRUE(host.put("q", "behind it", {}, true));
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("later", "behind it"));
    const auto seq = host.on_loop([&] { return host.taken().front().seq; });
    EXPECT_EQ(host.on_loop([&] { return host.queue().origin(seq)->messages_size(); }), 1);
    ASSERT_TRUE(host.settle(seq, 1));
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 1U);
}

// What came after it is in analysis already.
TEST_F(AmqpQueueTest, ADeadLetterDoesNotTakeTheRowOfALaterPost) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "later"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    fill(queue("dead"), {message("p", "earlier").SerializeAsString()});
    fill(queue("dead"), {message("q", "of no row").SerializeAsString()});
    ASSERT_TRUE(host.eventually([&] { return host.dead().size() == 1; }));
    EXPECT_EQ(host.on_loop([&] { return host.dead().front().second.post_id(); }), "q");
    const auto seq = host.on_loop([&] { return host.taken().front().seq; });
    EXPECT_EQ(host.on_loop([&] { return host.queue().origin(seq)->messages_size(); }), 1);
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 3U);
    ASSERT_TRUE(host.settle(seq, 1));
    EXPECT_EQ(host.on_loop([&] { return host.queue().known(); }), 1U);
}

TEST_F(AmqpQueueTest, TellsEachHostOfAnEventOnce) {
    SharingHost one(config("one"));
    SharingHost two(config("two"));
    ASSERT_TRUE(one.opened() && two.opened());
    // A host hears from the moment when its queue stands.
    const auto stands = [&](const char* name) {
        const auto counts = broker_->control({"list_queues", "name", "consumers", "--silent"});
        return counts && counts->find(queue("host.") + name + "\t1") != std::string::npos;
    };
    ASSERT_TRUE(eventually([&] { return stands("one") && stands("two"); }));
    ASSERT_TRUE(one.eventually([&] { return one.queue().spread("pick.t", "{1}"); }));
    ASSERT_TRUE(two.eventually([&] { return two.queue().spread("pick.t", "{2}"); }));
    for (SharingHost* host : {&one, &two}) {
        EXPECT_TRUE(host->eventually([&] { return host->events().size() >= 2; }));
        EXPECT_THAT(host->on_loop([&] { return host->events(); }),
                    ::testing::UnorderedElementsAre("pick.t {1}", "pick.t {2}"));
    }
}

TEST_F(AmqpQueueTest, RefusesASecondHostOfOneName) {
    Config settings = config("one");
    settings.queue.heartbeat_s = 1;
    SharingHost one(settings);
    ASSERT_TRUE(one.opened()) << one.error().to_string();
    ASSERT_TRUE(eventually([&] {
        const auto queues = broker_->control({"list_queues", "name", "--silent"});
        return queues && queues->find(queue("host.one")) != std::string::npos;
    }));
    const SharingHost again(settings);
    EXPECT_FALSE(again.opened());
    EXPECT_EQ(again.error().field, "queue.host_name");
}

TEST_F(AmqpQueueTest, RefusesAClassicQueueOfItsName) {
    ASSERT_TRUE(broker_->control({"eval", "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"" +
                                              live() + "\">>), true, false, [], none, <<\"acting\">>)."}));
    const SharingHost host(config());
    EXPECT_FALSE(host.opened());
    EXPECT_EQ(host.error().field, "queue.prefix");
}

TEST_F(AmqpQueueTest, TriesMediaAgainWhileTheDiskIsFull) {
    SharingHost host(config(), 1000);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "first", {std::string(900, 'a')}));
    ASSERT_TRUE(host.put("q", "second", {std::string(900, 'b')}));
    ASSERT_TRUE(host.put("r", "third"));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    // The first is done, and its bytes go, as when it is picked.
    ASSERT_TRUE(host.eventually([&] { return host.queue().known() == 3; }));
    EXPECT_EQ(host.taken_count(), 1U);
    host.on_loop([&] { host.erase_media(host.taken().front().media); });
    ASSERT_TRUE(host.until_taken(3));
    EXPECT_THAT(host.texts(), ElementsAre("first", "second", "third"));
}

TEST_F(AmqpQueueTest, SaysWhyTheBrokerRefusesItWithoutItsPassword) {
    auto settings = config();
    settings.queue.password = "hunter-of-secrets";
    const SharingHost host(settings);
    ASSERT_FALSE(host.opened());
    EXPECT_THAT(host.error().to_string(), Not(HasSubstr("hunter-of-secrets")));
}

// A broker of its own: it is killed.
TEST_F(AmqpQueueTest, OutlivesABrokerThatIsKilled) {
    auto started = RabbitBroker::start();
    ASSERT_TRUE(started) << started.error().to_string();
    RabbitBroker& broker = **started;
    auto settings = config("one", broker);
    settings.queue.confirm_timeout_ms = 300;
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(host.put("p", "first")); }));
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
    for (const char* each : {"live.0", "backfill.0", "dead"})
        ASSERT_TRUE(broker.wait_until_remembered(queue(each)));
    broker.kill();
    ASSERT_TRUE(host.eventually([&] { return !host.queue().has_room(); }));
    const Status busy = host.put("q", "into the void");
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, ErrorCode::unavailable);
    const auto missing = host.on_loop([&] { return host.queue().missing(); });
    ASSERT_FALSE(missing.empty());
    EXPECT_THAT(missing.front(), HasSubstr("queue: cannot be written"));
    for (const std::string& line : missing)
        EXPECT_THAT(line, Not(HasSubstr(settings.queue.password)));
    ASSERT_TRUE(broker.restart());
    ASSERT_TRUE(eventually([&] { return host.on_loop([&] { return host.queue().missing().empty(); }); }));
    // One that is confirmed lies behind the first: when it is taken, the first has come again.
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(host.put("r", "later")); }));
    ASSERT_TRUE(eventually([&] {
        const auto texts = host.texts();
        return std::find(texts.begin(), texts.end(), "later") != texts.end();
    }));
    const auto texts = host.texts();
    EXPECT_EQ(std::count(texts.begin(), texts.end(), "first"), 1);
    const auto posts = host.on_loop([&] {
        std::map<std::int64_t, std::uint32_t> newest;
        for (const AcceptedPost& post : host.taken())
            newest[post.seq] = post.revision;
        return newest;
    });
    for (const auto& [seq, revision] : posts)
        ASSERT_TRUE(host.settle(seq, revision));
    EXPECT_TRUE(host.until_idle());
}

TEST_F(AmqpQueueTest, SaysWhichQueueIsStuckUntilItIsNot) {
    Config settings = config();
    settings.queue.confirm_timeout_ms = 300;
    settings.queue.prefetch = 65'535;
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    host.consume();
    ASSERT_TRUE(eventually([&] { return static_cast<bool>(host.put("p", "words")); }));
    const auto member = [&](const std::string& call) {
        return broker_->control({"eval", "ra:" + call + "(quorum_queues, {'%2F_" + live() + "', node()})."});
    };
    const auto missing = [&] { return host.on_loop([&] { return host.queue().missing(); }); };
    const auto stuck = [&] { return host.on_loop([&] { return host.queue().stuck(); }); };
    ASSERT_TRUE(member("stop_server"));
    const std::vector<std::string> that_one{"queue: stuck, nothing is confirmed: " + live()};
    EXPECT_TRUE(eventually([&] { return missing() == that_one && stuck() == 1; }))
        << ::testing::PrintToString(missing());
    ASSERT_TRUE(member("restart_server"));
    // Also where posts come all the time.
    int count = 0;
    EXPECT_TRUE(eventually([&] {
        (void)host.put("p" + std::to_string(++count), "words");
        return missing().empty() && stuck() == 0;
    })) << ::testing::PrintToString(missing());
}

}  // namespace
}  // namespace bgm::test
