// Delivery against a real server that takes some rows and not others, and that is away at the wrong moment:
// every decision ends, the newest revision's is the one that stays, and what was erased does not come back.
#include "daemon/pipeline/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

#include "daemon/queue/local_queue.hpp"
#include "daemon/store/migrations.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"
#include "tests/daemon/store/private_mariadb.hpp"
#include "tests/daemon/store/sample_rows.hpp"

namespace bgm {
namespace {

using testing::done_in;
using ::testing::HasSubstr;
using testing::JournalFile;
using testing::open_journal;
using testing::RunningLoop;
using testing::ScratchFolder;

class DeliveryTest : public ::testing::Test {
 protected:
    void SetUp() override {
        auto started = test::PrivateMariaDb::start();
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        ASSERT_TRUE(migrate(database_->options()));
        const MySqlOptions options = database_->options();
        config_.mysql.socket = options.socket;
        config_.mysql.user = options.user;
        config_.mysql.password = options.password;
        config_.mysql.database = options.database;
        config_.mysql.retry_min_ms = 1;
        config_.mysql.retry_max_ms = 5;
        config_.events.endpoint = "ipc://" + (folder_.path() / "events.sock").string();
        journal_ = open_journal(file(), metrics_, {.queue_bytes_max = 1 << 30, .commit_batch = 100});
        ASSERT_NE(journal_, nullptr);
        auto media = MediaStore::open(folder_.path() / "media", "");
        ASSERT_TRUE(media);
        media_ = std::move(*media);
        queue_ = std::make_unique<LocalQueue>(config_, running_.loop(), *journal_, *media_, nullptr);
    }
    void TearDown() override {
        running_.stop();
        delivery_.reset();
        journal_.reset();
    }
    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }

    void open() {
        auto opened = Delivery::open(config_, running_.loop(), messaging_, *journal_, *queue_, metrics_,
                                     mysql_delivery_store(config_, {}));
        ASSERT_TRUE(opened) << opened.error().to_string();
        delivery_ = std::move(*opened);
        running_.start();
    }

    /// Accepts a post, and a pick of it. What the next revision of a known post is, the journal says.
    Decision picked(const std::string& post_id, const std::string& user_id = "u",
                    std::int64_t picked_at = 1'790'000'000) {
        Acceptance accepted;
        auto pick = std::make_shared<v1::Pick>(test::sample_pick("t", post_id, 1, picked_at));
        pick->set_user_id(user_id);
        const Status stored = done_in(*journal_, [&](JournalStore& store) -> Status {
            auto done = store.accept({.tenant = "t",
                                      .post_id = post_id,
                                      .priority = 0,
                                      .content_hash = user_id,
                                      .post = "post",
                                      .media = ""},
                                     1);
            if (!done) return done.error();
            accepted = *done;
            pick->set_revision(accepted.revision);
            auto moved = store.set_picked(accepted.seq, accepted.revision, pick->SerializeAsString(),
                                          PostState::picked, 2);
            return moved ? ok_status() : Status(moved.error());
        });
        EXPECT_TRUE(stored);
        return {.seq = accepted.seq,
                .revision = accepted.revision,
                .pick = pick,
                .dead = {},
                .accepted_at = std::chrono::steady_clock::now()};
    }
    void enqueue(const Decision& decision) {
        running_.on_loop([&] { delivery_->enqueue(decision); });
    }

    std::int64_t number(const std::string& sql) const {
        return text(sql).empty() ? -1 : std::stoll(text(sql));
    }
    std::string text(const std::string& sql) const {
        MySqlConnection probe(database_->options());
        EXPECT_TRUE(probe.connect());
        std::string value;
        EXPECT_TRUE(probe.query(sql, [&](MySqlRow row) { value = row[0].value_or(""); }));
        return value;
    }
    std::int64_t in_state(int state) const {
        return JournalFile(file()).number("SELECT count(*) FROM posts WHERE state = " +
                                          std::to_string(state));
    }
    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }
    /// Rows of this user's posts raise an error that we have never heard of.
    void refuse_rows_of(const std::string& user) const {
        MySqlOptions root = database_->root_options();
        root.database = "bgm";
        MySqlConnection connection(root);
        ASSERT_TRUE(connection.connect());
        const auto done = connection.execute(
            "CREATE TRIGGER refuses BEFORE INSERT ON picks FOR EACH ROW BEGIN IF NEW.user_id = '" + user +
            "' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'; END IF; END");
        ASSERT_TRUE(done) << done.error().to_string();
    }

    static constexpr int kDelivered = 3;
    static constexpr int kDead = 4;
    static inline const std::string kTooLong =
        std::string(400, 'u');  // for its column, and MySQL is not asked

    ScratchFolder folder_;
    std::unique_ptr<test::PrivateMariaDb> database_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<LocalQueue> queue_;
    std::unique_ptr<Delivery> delivery_;
};

// Events that nobody would get are not even made: whoever comes gets all that follow, and so does the next
// one after everybody has gone.
TEST_F(DeliveryTest, WhoeverSubscribesGetsTheEventsFromThenOn) {
    open();
    const Decision unheard = picked("unheard");
    enqueue(unheard);
    ASSERT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    zmq::context_t context;
    for (const std::string round : {"first", "second"}) {
        zmq::socket_t subscriber(context, zmq::socket_type::sub);
        subscriber.set(zmq::sockopt::subscribe, "pick.t.");
        subscriber.set(zmq::sockopt::rcvtimeo, 20);
        subscriber.connect(config_.events.endpoint);
        // The subscription arrives some time after this.
        zmq::message_t topic;
        nlohmann::json event;
        Decision last;
        bool heard = false;
        for (int posts = 0; posts < 1000 && !heard; ++posts) {
            last = picked(round + std::to_string(posts));
            enqueue(last);
            // What the round before has enqueued may still be on its way.
            while (!heard && subscriber.recv(topic)) {
                zmq::message_t body;
                ASSERT_TRUE(subscriber.recv(body));
                event = nlohmann::json::parse(body.to_string());
                heard = event["post_id"].get<std::string>().starts_with(round);
            }
        }
        ASSERT_TRUE(heard);
        EXPECT_EQ(topic.to_string(), "pick.t." + last.pick->mood());
        EXPECT_EQ(event["tracks"].size(), static_cast<std::size_t>(last.pick->tracks_size()));
    }
}

TEST_F(DeliveryTest, NoticesThatTheServerIsAwayThoughThereIsNothingToWrite) {
    open();
    EXPECT_TRUE(eventually([&] { return metrics_.text().find("\nbgmd_mysql_up 1\n") != std::string::npos; }));
    database_->kill();
    ASSERT_TRUE(eventually([&] { return !delivery_->mysql_error().empty(); }));
    EXPECT_THAT(metrics_.text(), HasSubstr("\nbgmd_mysql_up 0\n"));
    ASSERT_TRUE(database_->restart());
    EXPECT_TRUE(eventually([&] { return delivery_->mysql_error().empty(); }));
    EXPECT_TRUE(eventually([&] { return metrics_.text().find("\nbgmd_mysql_up 1\n") != std::string::npos; }));
}

TEST_F(DeliveryTest, ARowThatFailsWithoutANameHoldsUpNoOtherAndEndsAsADeadLetter) {
    refuse_rows_of("cursed");
    open();
    constexpr int kPosts = 60;
    std::vector<Decision> decisions;
    for (int i = 0; i < kPosts; ++i)
        decisions.push_back(picked("p-" + std::to_string(i), i == 3 ? "cursed" : "u"));
    running_.on_loop([&] {
        for (const Decision& decision : decisions)
            delivery_->enqueue(decision);
    });
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == kPosts - 1; }));
    EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM dead_posts") == 1; }));
    EXPECT_THAT(text("SELECT message FROM dead_posts WHERE post_id = 'p-3' AND stage = 'deliver'"),
                ::testing::Not(HasSubstr("not today")))
        << "what the server says is the log's: a dead letter goes out to clients";
    EXPECT_EQ(number("SELECT COUNT(*) FROM picks"), kPosts - 1);
    EXPECT_TRUE(eventually([&] { return delivery_->pending() == 0; }));
    EXPECT_EQ(in_state(kDead), 1);
}

TEST_F(DeliveryTest, ARowThatHealsIsWritten) {
    refuse_rows_of("cursed");
    config_.mysql.retry_max_ms = 1000;
    config_.mysql.retry_min_ms = 500;
    open();
    const Decision cursed = picked("sick", "cursed");
    const Decision well = picked("well");
    running_.on_loop([&] {
        delivery_->enqueue(cursed);
        delivery_->enqueue(well);
    });
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    MySqlOptions root = database_->root_options();
    root.database = "bgm";
    MySqlConnection connection(root);
    ASSERT_TRUE(connection.connect());
    ASSERT_TRUE(connection.execute("DROP TRIGGER refuses"));
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 2; }));
    EXPECT_EQ(number("SELECT COUNT(*) FROM dead_posts"), 0);
}

// During an outage the batch is tried again and again; what was refused is settled once all the same, and has
// no say any more once the post has come again.
TEST_F(DeliveryTest, AnOldRevisionsRefusalDoesNotTouchTheNewOnesPick) {
    open();
    enqueue(picked("before"));
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    database_->kill();
    const Decision first = picked("p", kTooLong);
    const Decision other = picked("other");
    running_.on_loop([&] {
        delivery_->enqueue(first);
        delivery_->enqueue(other);
    });
    EXPECT_TRUE(eventually([&] { return in_state(kDead) == 1; }));
    const Decision second = picked("p", "u", 1'790'000'100);
    ASSERT_EQ(second.revision, 2U);
    enqueue(second);
    const std::string refusals = "bgmd_dead_posts_total{code=\"invalid_argument\",stage=\"deliver\"} 1";
    EXPECT_THAT(metrics_.text(), HasSubstr(refusals));
    ASSERT_TRUE(database_->restart());
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 3 && delivery_->pending() == 0; }));
    EXPECT_EQ(number("SELECT revision FROM picks WHERE post_id = 'p'"), 2);
    EXPECT_EQ(number("SELECT COUNT(*) FROM dead_posts"), 0);
    EXPECT_THAT(metrics_.text(), HasSubstr(refusals));
}

// The refusal is decided on, and before the journal hears of it the next revision has been accepted.
TEST_F(DeliveryTest, ARefusalThatComesTooLateEndsThere) {
    open();
    const Decision first = picked("p", kTooLong);
    const Decision second = picked("p", "u", 1'790'000'100);
    enqueue(second);
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    enqueue(first);
    const Decision witness = picked("witness");
    enqueue(witness);
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 2 && delivery_->pending() == 0; }));
    EXPECT_EQ(number("SELECT revision FROM picks WHERE post_id = 'p'"), 2);
    EXPECT_EQ(number("SELECT COUNT(*) FROM dead_posts"), 0);
    EXPECT_EQ(in_state(kDead), 0);
}

TEST_F(DeliveryTest, ADecisionThatCannotBeReadBecomesADeadLetter) {
    picked("good");
    picked("garbled");
    JournalFile(file()).execute("UPDATE posts SET pick = x'ff00ff' WHERE post_id = 'garbled'");
    open();
    running_.on_loop([&] { delivery_->resume(); });
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1 && in_state(kDead) == 1; }));
    EXPECT_TRUE(
        eventually([&] { return number("SELECT COUNT(*) FROM dead_posts WHERE code = 'corrupt'") == 1; }));
    EXPECT_EQ(text("SELECT post_id FROM dead_posts"), "garbled");
}

TEST_F(DeliveryTest, AnErasureWaitsForTheServerAndWhatItNamesIsNotWritten) {
    database_->kill();
    open();
    const Decision erased = picked("erased", "leaver");
    const Decision kept = picked("kept");
    running_.on_loop([&] {
        delivery_->enqueue(erased);
        delivery_->enqueue(kept);
    });
    ASSERT_TRUE(eventually([&] { return !delivery_->mysql_error().empty(); }));
    std::optional<Result<ErasedRows>> answer;
    running_.on_loop([&] {
        delivery_->erase({.tenant = "t", .post_id = "", .user_id = "leaver"},
                         [&](Result<ErasedRows> rows) { answer = std::move(rows); });
    });
    running_.on_loop([&] { EXPECT_FALSE(answer) << "MySQL is away"; });
    ASSERT_TRUE(database_->restart());
    EXPECT_TRUE(eventually([&] { return answer.has_value() && delivery_->pending() == 0; }));
    EXPECT_TRUE(*answer) << answer->error().to_string();
    EXPECT_EQ(text("SELECT post_id FROM picks"), "kept");
}

// Who asks over HTTP does not wait for MySQL, and what is erased is erased all the same.
TEST_F(DeliveryTest, AnErasureThatNobodyWaitsForIsAnsweredWhileTheServerIsAwayAndDoneWhenItIsBack) {
    open();
    enqueue(picked("p", "leaver"));
    enqueue(picked("kept"));
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 2; }));
    database_->kill();
    // Delivery learns that the server is away by the first; the others find it known.
    for (int i = 0; i < 3; ++i) {
        std::optional<Result<ErasedRows>> answer;
        running_.on_loop([&] {
            delivery_->erase(
                {.tenant = "t", .post_id = "p", .user_id = ""},
                [&](Result<ErasedRows> rows) { answer = std::move(rows); }, Delivery::Patience::none);
        });
        EXPECT_TRUE(eventually([&] { return answer.has_value(); }));
        ASSERT_FALSE(*answer);
        EXPECT_EQ(answer->error().code, ErrorCode::unavailable);
    }
    ASSERT_TRUE(database_->restart());
    EXPECT_TRUE(eventually([&] { return number("SELECT COUNT(*) FROM picks") == 1; }));
    EXPECT_EQ(text("SELECT post_id FROM picks"), "kept");
}

// What the user posts while the erasure waits is acknowledged, and ends like every post.
TEST_F(DeliveryTest, WhatComesAfterAnErasureThatWaitsIsWritten) {
    open();
    const Decision erased = picked("p", "leaver");
    enqueue(erased);
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    database_->kill();
    const Decision queued = picked("queued", "leaver");
    enqueue(queued);
    ASSERT_TRUE(eventually([&] { return !delivery_->mysql_error().empty(); }));
    ASSERT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
        auto gone = store.erase(erased.seq);
        return gone ? store.erase(queued.seq) : gone;
    }));
    std::optional<Result<ErasedRows>> answer;
    running_.on_loop([&] {
        delivery_->erase({.tenant = "t", .post_id = "", .user_id = "leaver"},
                         [&](Result<ErasedRows> rows) { answer = std::move(rows); });
    });
    enqueue(picked("p", "leaver", 1'790'000'100));
    enqueue(picked("new", "leaver", 1'790'000'100));
    ASSERT_TRUE(database_->restart());
    EXPECT_TRUE(eventually(
        [&] { return answer.has_value() && in_state(kDelivered) == 2 && delivery_->pending() == 0; }));
    EXPECT_TRUE(*answer) << answer->error().to_string();
    EXPECT_EQ(answer->value().picks, 1U);
    EXPECT_EQ(text("SELECT GROUP_CONCAT(post_id ORDER BY post_id) FROM picks"), "new,p");
    EXPECT_EQ(running_.on_loop([&] { return delivery_->pending(); }), 0U);
}

// The erasure cannot be done, and other rows can be written: whose it is has to wait for it.
TEST_F(DeliveryTest, AnErasureThatFailsHoldsUpOnlyWhatItWouldErase) {
    MySqlOptions root = database_->root_options();
    root.database = "bgm";
    MySqlConnection connection(root);
    ASSERT_TRUE(connection.connect());
    ASSERT_TRUE(connection.execute("RENAME TABLE feedback TO elsewhere"));
    open();
    std::optional<Result<ErasedRows>> answer;
    running_.on_loop([&] {
        delivery_->erase({.tenant = "t", .post_id = "", .user_id = "leaver"},
                         [&](Result<ErasedRows> rows) { answer = std::move(rows); });
    });
    enqueue(picked("late", "leaver"));
    enqueue(picked("other"));
    EXPECT_TRUE(eventually([&] { return in_state(kDelivered) == 1; }));
    EXPECT_EQ(text("SELECT GROUP_CONCAT(post_id) FROM picks"), "other");
    ASSERT_TRUE(connection.execute("RENAME TABLE elsewhere TO feedback"));
    EXPECT_TRUE(eventually([&] { return answer.has_value() && in_state(kDelivered) == 2; }));
    EXPECT_EQ(number("SELECT COUNT(*) FROM picks"), 2);
}

// bgmd takes itself apart: the journal finishes what is queued when delivery is gone.
TEST_F(DeliveryTest, TheJournalMayFinishAfterIt) {
    open();
    const Decision decision = picked("p", kTooLong);
    std::promise<void> go_on;
    std::promise<void> blocked;
    journal_->submit(Journal::Urgency::internal, 0,
                     [&](JournalStore&) {
                         blocked.set_value();
                         go_on.get_future().wait();
                         return ok_status();
                     },
                     {});
    blocked.get_future().wait();
    enqueue(decision);
    EXPECT_TRUE(eventually([&] { return journal_->queued() == 1; })) << "the dead letter";
    running_.on_loop([&] { delivery_->resume(); });
    EXPECT_EQ(journal_->queued(), 2U) << "the look at the backlog";
    running_.stop();
    delivery_.reset();
    go_on.set_value();
    journal_.reset();
    EXPECT_EQ(in_state(kDead), 1);
}

}  // namespace
}  // namespace bgm
