// What the queue promises, whichever it is: the same cases against a bgmd with its own journal and against
// several with a cluster of brokers. Real processes, sockets, brokers and a real database; every process is
// on a machine of its own that can be cut off.
#include <gmock/gmock.h>

#include "tests/cluster/queue_fixture.hpp"

namespace bgm::test {
namespace {

using Json = nlohmann::json;

class Conformance : public QueueFixture, public testing::WithParamInterface<const char*> {
 protected:
    void SetUp() override { begin(std::string(GetParam()) == "amqp"); }

    /// In the folder that all hosts of a shared queue see.
    static std::ptrdiff_t media_files() {
        return std::ranges::count_if(std::filesystem::directory_iterator(cluster_->media_folder()),
                                     [](const auto& each) { return each.path().extension() != ".probe"; });
    }
    bool has_picture(const std::string& name) {
        return cluster_->database().count(
                   "SELECT COUNT(*) FROM picks WHERE post_id = '" + id_ + name +
                   "' AND modalities LIKE '%image%' AND degraded NOT LIKE '%image%'") == 1;
    }
};

TEST_P(Conformance, CountsRevisionsAndTheNewestIsTheOneThatIsThere) {
    accepted("a", 1);
    ends_as("a", 1, 1);
    accepted("a", 2, "", 1);
    ends_as("a", 2, 2);
    accepted("a", 3, "", 2);
    ends_as("a", 3, 3);
}

// Sent over one connection without waiting: most are superseded before they are analysed, and count.
TEST_P(Conformance, KeepsTheOrderOfOneIdThatIsSentFasterThanItIsAnalysed) {
    constexpr int kVersions = 20, kPosts = 10;
    auto client = PostsClient::connect(host().posts(), seconds(10));
    ASSERT_TRUE(client);
    for (int version = 1; version <= kVersions; ++version) {
        for (int i = 0; i < kPosts; ++i) {
            const Json post = text_of(std::to_string(i), version, takes(5), "somebody");
            ASSERT_TRUE(client->send(WireFormat::json, post.dump()));
        }
    }
    for (int i = 0; i < kVersions * kPosts; ++i) {
        const auto ack = client->receive(seconds(20));
        ASSERT_TRUE(ack && *ack) << i;
        ASSERT_EQ((*ack)->status, PostAck::Status::accepted);
    }
    for (int i = 0; i < kPosts; ++i)
        ends_as(std::to_string(i), kVersions, kVersions);
}

TEST_P(Conformance, KeepsTheOrderOfOneIdThatIsSentToOneHostAfterTheOther) {
    for (int version = 1; version <= 12; ++version)
        accepted("a", version, takes(20), static_cast<std::size_t>(version));
    ends_as("a", 12, 12);
}

TEST_P(Conformance, KnowsADuplicate) {
    accepted("a");
    ends_as("a", 1, 1);
    for (std::size_t to = 0; to < cluster_->host_count(); ++to) {
        const PostAck again = post("a", 1, "", to);
        // A host of several says so later: the post counts where it is taken.
        EXPECT_TRUE(amqp() || again.status == PostAck::Status::duplicate);
    }
    accepted("b");
    ends_as("b", 1, 1);
    // Behind them in every queue that they could be in.
    accepted("a", 2);
    ends_as("a", 2, 2);
}

TEST_P(Conformance, TellsEachEventOnce) {
    Ledger book = ledger();
    book.listen(0);
    book.run_until([&] { return book.posts() >= 60; });
    is_clean(book);
}

TEST_P(Conformance, AnalysesAgainWhatAHostHadWhenItWasKilled) {
    for (int i = 0; i < 6; ++i)
        accepted(std::to_string(i), 1, takes(500), static_cast<std::size_t>(i));
    kill_all_hosts();
    ASSERT_TRUE(cluster_->heal());
    for (int i = 0; i < 6; ++i)
        ends_as(std::to_string(i), 1, 1);
}

TEST_P(Conformance, DeliversWhatWasPickedWhileTheDatabaseWasAwayAndTheHostsWereKilledThen) {
    double before = 0;
    for (std::size_t i = 0; i < cluster_->host_count(); ++i)
        before += cluster_->host(i).metric("bgmd_picks_total");
    cluster_->database().kill();
    for (int i = 0; i < 6; ++i)
        accepted(std::to_string(i), 1, "", static_cast<std::size_t>(i));
    // All have been through a worker.
    const auto analysed = [&] {
        double all = 0;
        for (std::size_t i = 0; i < cluster_->host_count(); ++i)
            all += cluster_->host(i).metric("bgmd_picks_total");
        return all >= before + 6;
    };
    EXPECT_TRUE(eventually(analysed));
    kill_all_hosts();
    ASSERT_TRUE(cluster_->heal());
    for (int i = 0; i < 6; ++i)
        ends_as(std::to_string(i), 1, 1);
}

// Killed as soon as a row is there: the commit has been, its settling perhaps not.
TEST_P(Conformance, HasEachRowOnceWhereHostsAreKilledBetweenTheCommitAndTheSettling) {
    for (int round = 0; round < 3; ++round) {
        const std::string name = std::to_string(round);
        for (int i = 0; i < 20; ++i)
            accepted(name + "-" + std::to_string(i), 1, "", static_cast<std::size_t>(i));
        const long before = round * 20;
        ASSERT_TRUE(eventually([&] { return picks() > before; }));
        kill_all_hosts();
        ASSERT_TRUE(cluster_->heal());
        for (int i = 0; i < 20; ++i)
            ends_as(name + "-" + std::to_string(i), 1, 1);
    }
}

TEST_P(Conformance, LosesNothingWhereAHostIsKilledUnderLoad) {
    Ledger book = ledger();
    for (std::size_t round = 0; round < 3; ++round) {
        const std::size_t victim = round % cluster_->host_count();
        const std::size_t goal = book.acknowledged() + 60;
        book.run_until([&] { return book.acknowledged() >= goal; });
        cluster_->host(victim).kill();
        book.host_was_killed(victim);
        cluster_->host(victim).start();
    }
    is_clean(book);
}

TEST_P(Conformance, LosesNothingWhereTheDiskOfAHostIsFull) {
    Ledger book = ledger();
    book.run_until([&] { return book.acknowledged() >= 40; });
    host().machine().fill_disk();
    const std::size_t tries = book.tries();
    // The journal's log has room for a while; brokers have all of theirs.
    book.run_until([&] { return book.busy() > 0 || book.tries() >= tries + (amqp() ? 60 : 5000); });
    host().machine().free_disk();
    is_clean(book);
    EXPECT_TRUE(amqp() || book.busy() > 0) << "the disk was not full";
}

TEST_P(Conformance, LosesNothingWhereTheDatabaseIsFrozenAndKilled) {
    Ledger book = ledger();
    book.run_until([&] { return book.acknowledged() >= 40; });
    cluster_->database().freeze();
    book.run_until([&] { return book.acknowledged() >= 80; });
    cluster_->database().thaw();
    cluster_->database().kill();
    book.run_until([&] { return book.acknowledged() >= 120; });
    is_clean(book);
}

TEST_P(Conformance, ErasesAPostAndAUserThatAreStillInTheQueue) {
    // Everything behind these waits.
    for (int i = 0; i < 6; ++i)
        accepted("slow-" + std::to_string(i), 1, takes(400), static_cast<std::size_t>(i));
    for (int i = 0; i < 6; ++i) {
        accepted("erased-" + std::to_string(i), 1, "", static_cast<std::size_t>(i));
        accepted("leaves-" + std::to_string(i), 1, "", static_cast<std::size_t>(i), "leaver");
        accepted("stays-" + std::to_string(i), 1, "", static_cast<std::size_t>(i), "stayer");
    }
    for (int i = 0; i < 6; ++i) {
        const auto output = host(1).bgmctl({"erase", "--post", id_ + "erased-" + std::to_string(i)});
        EXPECT_EQ(output.exit_code, 0) << output.text;
    }
    const auto output = host(2).bgmctl({"erase", "--user", "leaver"});
    EXPECT_EQ(output.exit_code, 0) << output.text;
    for (int i = 0; i < 6; ++i) {
        ends_as("slow-" + std::to_string(i), 1, 1);
        ends_as("stays-" + std::to_string(i), 1, 1);
    }
    // What is sent afterwards has passed every queue.
    for (int i = 0; i < 24; ++i) {
        accepted("after-" + std::to_string(i), 1, "", static_cast<std::size_t>(i));
        ends_as("after-" + std::to_string(i), 1, 1);
    }
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(picked("erased-" + std::to_string(i)), std::pair(0, 0)) << i;
        EXPECT_EQ(picked("leaves-" + std::to_string(i)), std::pair(0, 0)) << i;
    }
    // What was erased may come again, as a new one.
    accepted("erased-0", 2);
    ends_as("erased-0", 2, 1);
}

// Without the database no post is done with, however long the test takes to send the others.
TEST_P(Conformance, LargeMediaOutlivesEveryHostAndIsGoneAfterwards) {
    cluster_->database().kill();
    for (int i = 0; i < 6; ++i) {
        const PostAck ack = post_large(std::to_string(i), 1, takes(500), static_cast<std::size_t>(i));
        EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    }
    EXPECT_TRUE(!amqp() || media_files() == 6);
    kill_all_hosts();
    ASSERT_TRUE(cluster_->heal());
    for (int i = 0; i < 6; ++i) {
        ends_as(std::to_string(i), 1, 1);
        EXPECT_TRUE(has_picture(std::to_string(i))) << i;
    }
    EXPECT_TRUE(!amqp() || eventually([&] { return media_files() == 0; }));
}

// The files go between the commit and the settling: some come again without them.
TEST_P(Conformance, NoPostFailsWhoseLargeMediaWentWithItsFirstDelivery) {
    for (int round = 0; round < 3; ++round) {
        const std::string name = std::to_string(round);
        for (int i = 0; i < 10; ++i) {
            const PostAck ack =
                post_large(name + "-" + std::to_string(i), 1, "", static_cast<std::size_t>(i));
            EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
        }
        const long before = round * 10;
        ASSERT_TRUE(eventually([&] { return picks() > before; }));
        kill_all_hosts();
        ASSERT_TRUE(cluster_->heal());
        for (int i = 0; i < 10; ++i) {
            ends_as(name + "-" + std::to_string(i), 1, 1);
            EXPECT_TRUE(has_picture(name + "-" + std::to_string(i))) << i;
        }
    }
    EXPECT_TRUE(!amqp() || eventually([&] { return media_files() == 0; }));
    EXPECT_EQ(cluster_->database().count("SELECT COUNT(*) FROM dead_posts WHERE post_id LIKE '" + id_ + "%'"),
              0);
}

TEST_P(Conformance, ErasesLargeMediaWithItsUser) {
    for (int i = 0; i < 6; ++i)
        accepted("slow-" + std::to_string(i), 1, takes(400), static_cast<std::size_t>(i));
    for (int i = 0; i < 6; ++i) {
        const std::string name = "leaves-" + std::to_string(i);
        const PostAck ack = post_large(name, 1, "", static_cast<std::size_t>(i), "leaver");
        EXPECT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
    }
    const auto output = host(2).bgmctl({"erase", "--user", "leaver"});
    EXPECT_EQ(output.exit_code, 0) << output.text;
    EXPECT_TRUE(!amqp() || eventually([&] { return media_files() == 0; }));
    for (int i = 0; i < 6; ++i) {
        ends_as("slow-" + std::to_string(i), 1, 1);
        EXPECT_EQ(picked("leaves-" + std::to_string(i)), std::pair(0, 0)) << i;
    }
}

TEST_P(Conformance, IsBusyWithoutRoomForLargeMedia) {
    const Machine& disk = amqp() ? cluster_->media() : host().machine();
    disk.fill_disk();
    const PostAck ack = post_large("a");
    EXPECT_EQ(ack.status, PostAck::Status::busy);
    EXPECT_THAT(ack.error_message, testing::HasSubstr("No space left"));
    if (amqp()) {
        accepted("b");
        ends_as("b", 1, 1);
        EXPECT_TRUE(eventually([&] { return !host().ready(); }));
        EXPECT_THAT(host().http_get("/readyz"), testing::HasSubstr("media folder"));
        EXPECT_TRUE(eventually([&] { return host().metric("bgmd_shared_media_available") == 0; }));
    }
    disk.free_disk();
    EXPECT_TRUE(eventually([&] { return post_large("a").status != PostAck::Status::busy; }));
    ends_as("a", 1, 1);
    EXPECT_TRUE(eventually([&] { return host().ready(); }));
    EXPECT_TRUE(!amqp() || eventually([&] { return media_files() == 0; }));
}

TEST_P(Conformance, KeepsDeadLettersThatAreListedRetriedAndDropped) {
    const std::string unreadable(kUnreadable);
    accepted("a", 1, unreadable);
    accepted("b", 1, unreadable, 1);
    ASSERT_TRUE(eventually([&] { return dead("a") == 1 && dead("b") == 1; }));
    const auto list = host(2).bgmctl({"dead", "list"});
    EXPECT_THAT(list.text, testing::HasSubstr(id_ + "a"));
    EXPECT_THAT(list.text, testing::HasSubstr(id_ + "b"));
    EXPECT_THAT(host(1).bgmctl({"dead", "show", id_ + "a"}).text, testing::HasSubstr("unreadable"));
    for (std::size_t to = 0; to < cluster_->host_count(); ++to)
        EXPECT_THAT(host(to).bgmctl({"picks", id_ + "a"}).text, testing::HasSubstr("unreadable")) << to;
    const auto died = [&] {
        return cluster_->database().rows("SELECT died_at FROM dead_posts WHERE post_id = '" + id_ + "a'");
    };
    const auto before = died();
    const auto retried = host(1).bgmctl({"dead", "retry", id_ + "a"});
    EXPECT_EQ(retried.exit_code, 0) << retried.text;
    EXPECT_TRUE(eventually([&] { return !died().empty() && died() != before; })) << "it dies once more";
    const auto dropped = host(2).bgmctl({"dead", "drop", id_ + "b"});
    EXPECT_EQ(dropped.exit_code, 0) << dropped.text;
    EXPECT_TRUE(eventually([&] { return dead("b") == 0; }));
    // A newer version is no dead letter any more.
    accepted("a", 2, "", 1);
    ends_as("a", 2, 2);
    EXPECT_TRUE(eventually([&] { return dead("a") == 0; }));
}

TEST_P(Conformance, EndsAPostThatKillsEveryWorkerThatReadsIt) {
    for (int i = 0; i < 3; ++i) {
        accepted("deadly-" + std::to_string(i), 1, std::string(kDeadly), static_cast<std::size_t>(i));
        accepted("good-" + std::to_string(i), 1, "", static_cast<std::size_t>(i));
    }
    for (int i = 0; i < 3; ++i) {
        ends_as("good-" + std::to_string(i), 1, 1);
        EXPECT_TRUE(eventually([&] { return dead("deadly-" + std::to_string(i)) == 1; })) << i;
    }
}

// The book itself: what is wrong is found.
TEST_P(Conformance, ItsBookFindsWhatIsLostDoubledAndOld) {
    Ledger book(*cluster_, {.prefix = id_, .window = 4, .versions_max = 2, .unreadable_percent = 0});
    book.run_until([&] { return book.posts() >= 12; });
    ASSERT_TRUE(book.finish());
    ASSERT_TRUE(book.check().clean());
    MySqlConnection hand(cluster_->database().options());
    ASSERT_TRUE(hand.connect());
    const std::string of = " WHERE tenant = 'default' AND post_id = '" + id_;
    ASSERT_TRUE(hand.execute("DELETE FROM picks" + of + "0'"));
    ASSERT_TRUE(hand.execute("UPDATE picks SET created_at = created_at - INTERVAL 1 SECOND" + of + "1'"));
    ASSERT_TRUE(hand.execute("UPDATE picks SET revision = 99" + of + "2'"));
    ASSERT_TRUE(hand.execute("DELETE FROM pick_tracks" + of + "3' AND position = 5"));
    ASSERT_TRUE(hand.execute("UPDATE picks SET post_id = '" + id_ + "stranger'" + of + "4'"));
    const Ledger::Findings findings = book.check(seconds(0));
    EXPECT_EQ(findings.lost, (std::vector<std::string>{id_ + "0", id_ + "4"}));
    EXPECT_EQ(findings.wrong.size(), 2U) << findings.text();
    EXPECT_EQ(findings.doubled.size(), 2U) << findings.text();
}

std::string kind_name(const testing::TestParamInfo<const char*>& info) {
    return info.param;
}
INSTANTIATE_TEST_SUITE_P(Queue, Conformance, testing::Values("local", "amqp"), kind_name);

}  // namespace
}  // namespace bgm::test
