// What only several hosts and several brokers can go through: each of them lost, cut off, silent or full, in
// part and all at once; hosts that come, leave, or should not have come.
#include <csignal>

#include "daemon/store/event_table.hpp"
#include "tests/cluster/queue_fixture.hpp"

namespace bgm::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SharedQueue : public QueueFixture {
 protected:
    void SetUp() override { begin(true); }

    /// Goes on until that much more is acknowledged.
    static void acknowledge(Ledger& book, std::size_t versions) {
        const std::size_t goal = book.acknowledged() + versions;
        book.run_until([&] { return book.acknowledged() >= goal; });
    }
    static void go_on_for(Ledger& book, seconds time) {
        const auto until = std::chrono::steady_clock::now() + time;
        book.run_until([&] { return std::chrono::steady_clock::now() >= until; });
    }
    Ledger slow_ledger() {
        return Ledger(*cluster_, {.prefix = id_, .window = 16, .posts_per_s = 25, .takes_ms = 5});
    }
    /// Starts it and waits for its end; what it said.
    std::string refused(Host& host) {
        host.start();
        EXPECT_TRUE(eventually([&] { return !host.runs(); }, seconds(60))) << host.last_words();
        return host.last_words();
    }
};

TEST_F(SharedQueue, OutlivesEachBrokerInTurn) {
    Ledger book = slow_ledger();
    for (std::size_t node = 0; node < 3; ++node) {
        acknowledge(book, 20);
        cluster_->brokers().kill(node);
        acknowledge(book, 40);  // by the other two
        cluster_->brokers().start(node);
        book.run_until([&] { return cluster_->brokers().serves(node); });
    }
    is_clean(book);
}

// A channel that is opened before a queue has another leader goes on asking the dead one.
TEST_F(SharedQueue, EveryHostReachesEveryQueueWithoutTheBrokerThatLedIt) {
    constexpr int kPosts = 40;  // of 12 partitions each gets some
    for (std::size_t node = 0; node < 3; ++node) {
        cluster_->brokers().kill(node);
        for (std::size_t number = 0; number < cluster_->host_count(); ++number) {
            for (int i = 0; i < kPosts; ++i) {
                const std::string name =
                    std::to_string(node) + "-" + std::to_string(number) + "-" + std::to_string(i);
                PostAck last;
                ASSERT_TRUE(eventually([&] {
                    last = post(name, 1, "", number);
                    return last.status != PostAck::Status::busy;
                })) << name
                    << ": " << last.error_message;
            }
        }
        cluster_->brokers().start(node);
        ASSERT_TRUE(eventually([&] { return cluster_->brokers().serves(node); }));
    }
}

TEST_F(SharedQueue, AcknowledgesNothingWithoutAMajorityAndLosesNothing) {
    Ledger book = slow_ledger();
    acknowledge(book, 40);
    cluster_->brokers().kill(0);
    cluster_->brokers().kill(1);
    book.run_until_every_host_is_busy();  // what was confirmed before has been told by then
    const std::size_t before = book.acknowledged();
    go_on_for(book, seconds(12));
    EXPECT_EQ(book.acknowledged(), before);
    is_clean(book);
}

TEST_F(SharedQueue, OutlivesABrokerThatIsCutOff) {
    Ledger book = slow_ledger();
    for (std::size_t node = 0; node < 2; ++node) {
        acknowledge(book, 20);
        cluster_->brokers().machine(node).pull_out();
        go_on_for(book, seconds(3));
        cluster_->brokers().machine(node).put_in();
        acknowledge(book, 20);
    }
    is_clean(book);
}

// What was answered BUSY waits at the broker that is cut off, and comes behind what its client has sent
// since.
TEST_F(SharedQueue, OutlivesABrokerThatIsCutOffUntilClientsAreToldBusy) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    cluster_->brokers().machine(1).pull_out();
    go_on_for(book, seconds(14));
    cluster_->brokers().machine(1).put_in();
    acknowledge(book, 20);
    is_clean(book);
}

TEST_F(SharedQueue, OutlivesABrokerThatStandsStill) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    cluster_->brokers().freeze(1);
    go_on_for(book, seconds(14));
    cluster_->brokers().thaw(1);
    is_clean(book);
}

// Below the brokers' limit: they take nothing, and go on by themselves when there is room again.
TEST_F(SharedQueue, OutlivesBrokersWithLittleRoom) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    for (std::size_t node = 0; node < 3; ++node)
        cluster_->brokers().machine(node).fill_disk(5);
    const std::size_t busy = book.busy();
    book.run_until([&] { return book.busy() > busy; });
    for (std::size_t node = 0; node < 3; ++node)
        cluster_->brokers().machine(node).free_disk();
    acknowledge(book, 20);
    is_clean(book);
}

// To the last byte: each node ends at the first write that finds no room, before it can harm its log.
TEST_F(SharedQueue, OutlivesBrokersWhoseDisksAreFull) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    Brokers& brokers = cluster_->brokers();
    for (std::size_t node = 0; node < 3; ++node)
        brokers.machine(node).fill_disk();
    // Two of them: the third one has nothing to write without a majority.
    book.run_until([&] { return brokers.runs(0) + brokers.runs(1) + brokers.runs(2) < 2; });
    go_on_for(book, seconds(3));
    is_clean(book);
}

// What an operator does with a node that has lost its disk, or may have lost a part of its log.
TEST_F(SharedQueue, ABrokerWithoutItsDiskIsMadeAnew) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    Brokers& brokers = cluster_->brokers();
    const std::string node = brokers.name(0);
    brokers.kill(0);
    brokers.erase(0);
    acknowledge(book, 20);
    const auto members = [&](const std::string& call) {  // as `rabbitmq-queues` does
        return brokers.ctl(1, {"eval", "[element(1, R) || {_, R} <- rabbit_quorum_queue:" + call + "]."});
    };
    EXPECT_THAT(members("shrink_all('" + node + "')"), AllOf(HasSubstr("ok"), Not(HasSubstr("error"))));
    brokers.ctl(1, {"forget_cluster_node", node});
    brokers.start(0);
    book.run_until([&] { return brokers.serves(0); });
    EXPECT_THAT(members("grow('" + node + "', <<\".*\">>, <<\".*\">>, all)"),
                AllOf(HasSubstr("ok"), Not(HasSubstr("error"))));
    // It is one of those without which there is no majority.
    brokers.kill(1);
    acknowledge(book, 40);
    is_clean(book);
}

// A node that is there and answers, while its own members of the queues are dead, hands out nothing: whoever
// consumes there notices, says so, and goes elsewhere.
TEST_F(SharedQueue, OutlivesMembersThatAreDeadOnANodeThatIsNot) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    Brokers& brokers = cluster_->brokers();
    const auto members = [&](std::size_t node, const std::string& call) {
        return brokers.ctl(
            node, {"eval", "[ra:" + call +
                               "(quorum_queues, {element(1, amqqueue:get_pid(Q)), node()}) || Q <- "
                               "rabbit_amqqueue:list(), amqqueue:get_type(Q) == rabbit_quorum_queue]."});
    };
    const std::string consumers = brokers.ctl(0, {"list_consumers", "queue_name", "channel_pid"});
    std::size_t node = 0;
    while (consumers.find("<" + brokers.name(node) + ".") == std::string::npos)
        ASSERT_LT(++node, brokers.count()) << "nobody consumes: " << consumers;
    const auto stalls = [&] {
        double all = 0;
        for (std::size_t number = 0; number < cluster_->host_count(); ++number)
            all += host(number).metric("bgmd_queue_stalls_total");
        return all;
    };
    const auto said = [&] {
        std::size_t times = 0;
        for (std::size_t number = 0; number < cluster_->host_count(); ++number)
            times += host(number).times_said(brokers.endpoint(node) + " hands out nothing of ");
        return times;
    };
    const double stalls_before = stalls();
    const std::size_t said_before = said();
    ASSERT_THAT(members(node, "stop_server"), HasSubstr("ok"));
    auto look = std::chrono::steady_clock::now();
    book.run_until([&] {
        if (std::chrono::steady_clock::now() < look) return false;
        look = std::chrono::steady_clock::now() + milliseconds(300);
        return said() > said_before;
    });
    EXPECT_TRUE(eventually([&] { return stalls() > stalls_before; }));
    is_clean(book);  // by the other two nodes
    members(node, "restart_server");
}

// It may go on for a while with what it has, and others do the same again.
TEST_F(SharedQueue, OutlivesAHostThatIsCutOff) {
    Ledger book = slow_ledger();
    for (std::size_t number = 0; number < 2; ++number) {
        acknowledge(book, 20);
        host(number).machine().pull_out();
        go_on_for(book, seconds(number == 0 ? 3 : 14));
        host(number).machine().put_in();
        acknowledge(book, 20);
    }
    is_clean(book);
}

TEST_F(SharedQueue, OutlivesAHostThatStandsStill) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    host(1).signal(SIGSTOP);
    go_on_for(book, seconds(14));
    host(1).signal(SIGCONT);
    is_clean(book);
}

TEST_F(SharedQueue, AHostThatLeavesHandsItsWorkToTheOthersAndComesBack) {
    Ledger book = slow_ledger();
    acknowledge(book, 20);
    book.avoid(2, true);
    EXPECT_EQ(host(2).stop(), 0);
    book.host_was_killed(2);
    acknowledge(book, 40);
    ASSERT_TRUE(book.finish());
    EXPECT_TRUE(book.check().clean()) << "without it";
    host(2).start();
    book.avoid(2, false);
    acknowledge(book, 40);
    is_clean(book);
}

// What it has sent to the brokers may come all the same: it is revoked before its sender is told.
TEST_F(SharedQueue, AHostThatIsStoppedFirstAnswersWhatTheBrokersDoNotConfirm) {
    const auto leaving =
        cluster_->another_host("host7", 17, {"supervisor.drain_ms=100", "queue.confirm_timeout_ms=3000"});
    leaving->start();
    ASSERT_TRUE(eventually([&] { return leaving->ready(); })) << leaving->last_words();
    const auto revoked = [&] { return cluster_->database().count("SELECT COUNT(*) FROM erased_messages"); };
    const long before = revoked();
    for (std::size_t node = 0; node < 3; ++node)
        cluster_->brokers().freeze(node);
    auto client = PostsClient::connect(leaving->posts(), seconds(10));
    ASSERT_TRUE(client) << client.error().to_string();
    ASSERT_TRUE(client->send(WireFormat::json, text_of("p", 1, "", "somebody").dump()));
    ASSERT_TRUE(eventually([&] {
        const std::string_view taken = "bgmd_stage_seconds_count{stage=\"intake\"} 1";
        return leaving->http_get("/metrics").find(taken) != std::string::npos;
    }));
    leaving->signal(SIGTERM);
    const auto ack = client->receive(seconds(20));
    ASSERT_TRUE(ack && *ack) << leaving->last_words();
    EXPECT_EQ((*ack)->status, PostAck::Status::busy);
    EXPECT_EQ((*ack)->error_message, "the broker has not confirmed it in time");
    EXPECT_EQ(revoked(), before + 1);
    EXPECT_TRUE(eventually([&] { return !leaving->runs(); }));
}

TEST_F(SharedQueue, EventsOfEveryHostReachAClientOfAnyOnce) {
    Ledger book = slow_ledger();
    book.listen(1);
    acknowledge(book, 30);
    host(2).kill();
    book.host_was_killed(2);
    acknowledge(book, 60);
    ASSERT_TRUE(cluster_->heal());
    ASSERT_TRUE(book.finish());
    // What a host has committed and not told when it is killed, nobody tells: that its event comes twice is
    // what may not be.
    for (const std::string& fault : book.check(seconds(30)).events)
        EXPECT_THAT(fault, HasSubstr("was not heard of"));
}

// Three hosts commit in any order, and one dies in the middle of it.
TEST_F(SharedQueue, WhoeverPagesThroughTheEventsSeesEachOnceAndInOrder) {
    MySqlConnection connection(cluster_->database().options());
    EventTable events(connection, EventTable::Writers::several);
    const auto begin = events.page("default", 0, 0);
    ASSERT_TRUE(begin) << begin.error().to_string();
    std::uint64_t last = begin->newest;
    std::vector<std::string> seen;
    const auto read = [&] {
        const auto page = events.page("default", last, 5);
        ASSERT_TRUE(page) << page.error().to_string();
        for (const StoredEvent& event : page->events) {
            EXPECT_GT(event.event_id, last);
            last = event.event_id;
            seen.push_back(std::to_string(last));
        }
    };
    Ledger book(*cluster_,
                {.prefix = id_, .window = 48, .takes_ms = 2, .versions_max = 1, .duplicates_percent = 0});
    const auto acknowledge_and_read = [&](std::size_t versions) {
        const std::size_t goal = book.acknowledged() + versions;
        book.run_until([&] {
            read();
            return book.acknowledged() >= goal;
        });
    };
    acknowledge_and_read(150);
    host(2).kill();
    book.host_was_killed(2);
    acknowledge_and_read(150);
    is_clean(book);
    const auto written = cluster_->database().rows(
        "SELECT event_id FROM picks WHERE post_id LIKE '" + id_ +
        "%' UNION ALL SELECT event_id FROM dead_posts WHERE post_id LIKE '" + id_ + "%' ORDER BY 1");
    EXPECT_EQ(written.size(), book.posts());
    eventually([&] {
        read();
        return seen.size() >= written.size();
    });
    std::vector<std::string> expected;
    for (const auto& row : written)
        expected.push_back(row.at(0));
    EXPECT_EQ(seen, expected);
}

TEST_F(SharedQueue, RefusesASecondHostOfOneName) {
    const auto twin = cluster_->another_host("host1", 14);
    EXPECT_THAT(refused(*twin), HasSubstr("queue.host_name"));
}

TEST_F(SharedQueue, RefusesAHostWhoseClockIsWrong) {
    const auto late = cluster_->another_host("host5", 15);
    late->machine().shift_clock(-30);
    EXPECT_THAT(refused(*late), HasSubstr("clock"));
}

TEST_F(SharedQueue, RefusesAHostThatCountsOtherPartitions) {
    const auto other = cluster_->another_host("host6", 16, {"queue.partitions=5"});
    EXPECT_THAT(refused(*other), HasSubstr("queue.partitions"));
}

TEST_F(SharedQueue, StatusKnowsEveryHost) {
    const auto all = host(1).bgmctl({"status", "--all"});
    EXPECT_EQ(all.exit_code, 0) << all.text;
    for (const char* name : {"host1", "host2", "host3"})
        EXPECT_THAT(all.text, HasSubstr(name));
}

}  // namespace
}  // namespace bgm::test
