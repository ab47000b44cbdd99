// Dead letters of a shared queue, with a real database and a real broker: looked through page by page,
// dropped for good, and retried through the queue, once however often that is asked for. Where the broker is
// away, or a row is none that anybody could analyse, nothing is lost.
#include "daemon/admin/stored_dead_letters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/store/migrations.hpp"
#include "daemon/store/pick_table.hpp"
#include "tests/daemon/queue/amqp_fixture.hpp"
#include "tests/daemon/queue/sharing_host.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/private_mariadb.hpp"

namespace bgm::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;

class StoredDeadLettersTest : public BrokerTest {
 protected:
    static void SetUpTestSuite() {
        BrokerTest::SetUpTestSuite();
        auto started = PrivateMariaDb::start();
        ASSERT_TRUE(started) << started.error().to_string();
        database_ = std::move(*started);
        const auto migrated = migrate(database_->options());
        ASSERT_TRUE(migrated) << migrated.error().to_string();
    }
    static void TearDownTestSuite() {
        database_.reset();
        BrokerTest::TearDownTestSuite();
    }
    void SetUp() override {
        BrokerTest::SetUp();
        if (IsSkipped()) return;
        ASSERT_NE(database_, nullptr);
        ASSERT_TRUE(probe_.connect());
        for (const char* table : {"picks", "pick_tracks", "dead_posts", "erased_messages"})
            execute("DELETE FROM " + std::string(table));
        if (broker_) begin(sharing_config("one", *broker_));
    }
    void begin(const Config& config) {
        letters_.reset();
        host_ = std::make_unique<SharingHost>(config);
        ASSERT_TRUE(host_->opened()) << host_->error().to_string();
        ASSERT_TRUE(host_->eventually([&] { return host_->queue().has_room(); }));
        letters_ = std::make_unique<StoredDeadLetters>(
            host_->loop(),
            StoredDeadLetters::Hooks{
                .ask = [this](auto question) { question(of_the_loop_); },
                .retry = [this](StoredDead dead,
                                auto done) { host_->queue().retry(std::move(dead), std::move(done)); }});
    }
    static std::string queue(const std::string& name) {
        return std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + "." + name;
    }

    void execute(const std::string& sql) {
        const auto done = probe_.execute(sql);
        ASSERT_TRUE(done) << done.error().to_string();
    }
    std::string value(const std::string& sql) {
        std::string found;
        const Status read = probe_.query(sql, [&](MySqlRow row) { found = row[0].value_or("NULL"); });
        EXPECT_TRUE(read) << read.error().to_string();
        return found;
    }
    std::string letters_left() { return value("SELECT COUNT(*) FROM dead_posts"); }
    /// As a host writes it; its messages are this one.
    void died(const std::string& post_id, std::uint64_t event_id, const std::string& message,
              const std::function<void(v1::Post&)>& change = {}) {
        v1::DeadLetter letter = sample_dead("t", post_id);
        letter.set_event_id(event_id);
        v1::Post& post = *letter.mutable_post();
        post.set_tenant("t");
        post.set_text("text of " + post_id);
        if (change) change(post);
        set_origin(letter, origin({message}, post_id));
        const v1::DeadLetter* one = &letter;
        const auto written = picks_.write({}, {&one, 1});
        ASSERT_TRUE(written) << written.error().to_string();
    }
    void died(const std::string& post_id, std::uint64_t event_id = 1) {
        died(post_id, event_id, message_id(1'000 + event_id));
    }
    StoredDead row(const std::string& post_id) {
        const auto found = DeadTable(of_the_test_).find("t", post_id);
        EXPECT_TRUE(found && *found) << post_id;
        return found && *found ? **found : StoredDead{};
    }
    /// What its host writes about a post that it has taken: a pick. Whether that had an effect.
    bool analysed(const AcceptedPost& post) {
        const auto origin = host_->on_loop([&] { return host_->queue().origin(post.seq); });
        EXPECT_TRUE(origin);
        const v1::Pick pick = pick_of("t", post.post.post_id(), *origin);
        const v1::Pick* one = &pick;
        const auto written = picks_.write({&one, 1}, {});
        EXPECT_TRUE(written) << written.error().to_string();
        return written && written->picks.at(0).written;
    }
    AcceptedPost taken(std::size_t number = 0) {
        return host_->on_loop([&] { return host_->taken().at(number); });
    }

    using Answer = std::future<Result<Json>>;
    Answer ask(const std::string& op, Json request) {
        auto told = std::make_shared<std::promise<Result<Json>>>();
        auto answer = told->get_future();
        request["tenant"] = request.value("tenant", "t");
        host_->on_loop([&] {
            const auto reply = [told](Result<Json> result) { told->set_value(std::move(result)); };
            if (op == "list") return letters_->list(request, reply);
            if (op == "show") return letters_->show(request, reply);
            letters_->settle(request, op == "retry", reply);
        });
        return answer;
    }
    Json answer(const std::string& op, Json request) {
        const auto result = ask(op, std::move(request)).get();
        return result ? *result : Json{{"error", result.error().to_string()}};
    }
    Error refusal(const std::string& op, const std::string& post_id) {
        const auto result = ask(op, {{"post_id", post_id}}).get();
        EXPECT_FALSE(result) << *result;
        return result ? Error{} : result.error();
    }

    static inline std::unique_ptr<PrivateMariaDb> database_;
    MySqlConnection probe_{database_ ? database_->options() : MySqlOptions{}};
    MySqlConnection of_the_test_{probe_.options()};
    MySqlConnection of_the_loop_{probe_.options()};
    PickTable picks_{of_the_test_};
    std::unique_ptr<SharingHost> host_;
    std::unique_ptr<StoredDeadLetters> letters_;
};

TEST_F(StoredDeadLettersTest, ShowsThemPageByPage) {
    for (std::uint64_t id = 1; id <= 5; ++id)
        died("p" + std::to_string(id), 10 * id);
    std::vector<std::string> seen;
    Json request{{"limit", 2U}};
    for (int pages = 0; pages < 5; ++pages) {
        const Json page = answer("list", request);
        for (const Json& item : page["items"])
            seen.push_back(item["post_id"]);
        if (page["next"].is_null()) break;
        request["after"] = page["next"];
    }
    EXPECT_THAT(seen, ElementsAre("p1", "p2", "p3", "p4", "p5"));
    EXPECT_EQ(request["after"], 40);
    EXPECT_EQ(answer("list", {{"tenant", "other"}})["items"], Json::array());
    EXPECT_EQ(answer("show", {{"post_id", "p3"}})["post"]["text"], "text of p3");
    EXPECT_EQ(refusal("show", "nobody").code, ErrorCode::not_found);
}

TEST_F(StoredDeadLettersTest, ARetryGoesThroughTheQueueAndTakesTheRowAlong) {
    died("p", 1);
    execute("UPDATE dead_posts SET revision = 4");
    EXPECT_EQ(answer("retry", {{"post_id", "p"}}), Json({{"count", 1}}));
    EXPECT_EQ(letters_left(), "0");
    EXPECT_TRUE(eventually_ready(queue("live.0"), 1));
    EXPECT_EQ(refusal("retry", "p").code, ErrorCode::not_found);
    host_->consume();
    ASSERT_TRUE(host_->until_taken(1));
    EXPECT_EQ(taken().post.text(), "text of p");
    EXPECT_EQ(host_->on_loop([&] { return host_->retries(); }), 1);
    EXPECT_TRUE(analysed(taken()));
    EXPECT_EQ(value("SELECT revision FROM picks"), "4") << "it is the same post";
    ASSERT_TRUE(host_->settle(taken().seq, taken().revision));
    EXPECT_TRUE(host_->until_idle());
}

TEST_F(StoredDeadLettersTest, ABackfilledPostIsRetriedInItsLine) {
    died("p", 1, message_id(1'000, Line::backfill));
    EXPECT_EQ(answer("retry", {{"post_id", "p"}}), Json({{"count", 1}}));
    EXPECT_TRUE(eventually_ready(queue("backfill.0"), 1));
}

// Both have found the row before either has removed it.
TEST_F(StoredDeadLettersTest, TwoRetriesOfARowHaveOneEffect) {
    died("p", 1);
    const StoredDead before = row("p");
    Answer one, two;
    host_->on_loop([&] {
        const auto press = [&](Answer& into) {
            auto told = std::make_shared<std::promise<Result<Json>>>();
            into = told->get_future();
            letters_->settle({{"tenant", "t"}, {"post_id", "p"}}, true,
                             [told](Result<Json> result) { told->set_value(std::move(result)); });
        };
        press(one);
        press(two);
    });
    for (Answer* each : {&one, &two})
        EXPECT_EQ(*each->get(), Json({{"count", 1}}));
    EXPECT_EQ(letters_left(), "0");
    ASSERT_TRUE(eventually_ready(queue("live.0"), 2));
    died("last", 2);
    EXPECT_EQ(answer("retry", {{"post_id", "last"}}), Json({{"count", 1}}));
    host_->consume();
    ASSERT_TRUE(host_->until_taken(2));
    EXPECT_THAT(host_->texts(), ElementsAre("text of p", "text of last"));
    for (const std::size_t number : {0U, 1U}) {
        EXPECT_TRUE(analysed(taken(number)));
        ASSERT_TRUE(host_->settle(taken(number).seq, taken(number).revision));
    }
    EXPECT_TRUE(host_->until_idle());
    // A third one that comes when all is done.
    const Status late = [&] {
        std::promise<Status> told;
        host_->on_loop([&] {
            host_->queue().retry(before, [&](const Status& confirmed) { told.set_value(confirmed); });
        });
        return told.get_future().get();
    }();
    ASSERT_TRUE(late) << late.error().to_string();
    ASSERT_TRUE(host_->until_taken(3));
    EXPECT_FALSE(analysed(taken(2)));
    EXPECT_EQ(value("SELECT COUNT(*) FROM picks"), "2");
}

// The host that had taken it was lost after its commit, and before it had settled it.
TEST_F(StoredDeadLettersTest, ARetryIsAnalysedThoughThePostHasComeAgain) {
    const std::string message = message_id(5'000'000);
    died("p", 1, message);
    v1::QueueMessage again;
    again.set_kind(v1::QueueMessage::POST);
    again.set_id(message);
    again.set_tenant("t");
    again.set_post_id("p");
    again.set_content_hash(row("p").content_hash);
    again.set_post(row("p").letter.post().SerializeAsString());
    again.set_accepted_ms(5'001);
    fill(queue("live.0"), {again.SerializeAsString()});
    EXPECT_EQ(answer("retry", {{"post_id", "p"}}), Json({{"count", 1}}));
    host_->consume();
    ASSERT_TRUE(host_->until_taken(2));
    EXPECT_EQ(taken(0).seq, taken(1).seq);
    EXPECT_EQ(taken(1).revision, 2U);
    EXPECT_TRUE(analysed(taken(1)));
    ASSERT_TRUE(host_->settle(taken(1).seq, 2));
    EXPECT_TRUE(host_->until_idle());
    EXPECT_EQ(value("SELECT COUNT(*) FROM picks"), "1");
}

TEST_F(StoredDeadLettersTest, ARetryDoesNotTakeTheRowOfALaterPost) {
    died("p", 1);
    ASSERT_TRUE(host_->put("p", "later"));
    EXPECT_EQ(answer("retry", {{"post_id", "p"}}), Json({{"count", 1}}));
    ASSERT_TRUE(host_->put("q", "last"));
    host_->consume();
    ASSERT_TRUE(host_->until_taken(2));
    EXPECT_THAT(host_->texts(), ElementsAre("later", "last"));
    EXPECT_TRUE(analysed(taken()));
}

TEST_F(StoredDeadLettersTest, WhatIsDroppedDoesNotComeBack) {
    ASSERT_TRUE(host_->put("p", "poison"));
    host_->consume();
    ASSERT_TRUE(host_->until_taken(1));
    const std::int64_t seq = taken().seq;
    const auto origin = host_->on_loop([&] { return host_->queue().origin(seq); });
    ASSERT_TRUE(origin);
    died("p", 1, origin->messages(0));
    EXPECT_EQ(answer("drop", {{"post_id", "p"}}), Json({{"count", 1}}));
    EXPECT_EQ(refusal("drop", "p").code, ErrorCode::not_found);
    EXPECT_FALSE(analysed(taken())) << "its host was lost meanwhile, and it came to another one";
    EXPECT_EQ(letters_left(), "0");
    EXPECT_EQ(value("SELECT COUNT(*) FROM picks"), "0");
}

// A broker of its own: it is killed.
TEST_F(StoredDeadLettersTest, TheRowStaysWhereNoBrokerConfirms) {
    auto started = RabbitBroker::start();
    ASSERT_TRUE(started) << started.error().to_string();
    RabbitBroker& broker = **started;
    Config impatient = sharing_config("one", broker);
    impatient.queue.confirm_timeout_ms = 500;
    begin(impatient);
    died("p", 1);
    died("q", 2);
    ASSERT_TRUE(broker.wait_until_remembered(queue("live.0")));
    broker.kill();
    ASSERT_TRUE(host_->eventually([&] { return !host_->queue().has_room(); }));
    EXPECT_EQ(refusal("retry", "p").code, ErrorCode::unavailable);
    const auto all = ask("retry", {{"all", true}}).get();
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code, ErrorCode::unavailable);
    EXPECT_EQ(letters_left(), "2");
    ASSERT_TRUE(broker.restart());
    EXPECT_TRUE(eventually([&] { return answer("retry", {{"all", true}}).contains("count"); }));
    EXPECT_EQ(letters_left(), "0");
    host_.reset();  // before its broker
}

TEST_F(StoredDeadLettersTest, RefusesWhatNobodyCouldAnalyseAndKeepsIt) {
    died("inline", 1, message_id(1), [](v1::Post& post) {
        v1::Asset& photo = *post.add_assets();
        photo.set_kind(v1::Asset::IMAGE);
        photo.set_asset_id("a0");
        photo.set_frame(0);
    });
    died("refused row", 2, message_id(2), [](v1::Post& post) { post.Clear(); });
    died("garbled", 3);
    execute("UPDATE dead_posts SET post = '[\"post\"]' WHERE post_id = 'garbled'");
    died("of another", 4, message_id(4), [](v1::Post& post) { post.set_post_id("somebody's"); });
    died("no post", 5, message_id(5), [](v1::Post& post) { post.set_text(std::string(1 << 20, 'x')); });
    died("fine", 6);
    const std::vector<std::pair<std::string, std::string>> sentences{
        {"inline", "its media came inline with the post, and is not kept any more: send the post again"},
        {"refused row", "the post itself is not kept any more: send it again"},
        {"garbled", "the post itself is not kept any more: send it again"},
        {"of another", "the post in its row is another one"},
        {"no post", "the post in its row is none: text: "}};
    for (const auto& [post_id, sentence] : sentences) {
        const Error error = refusal("retry", post_id);
        EXPECT_EQ(error.code, ErrorCode::unsupported) << post_id;
        EXPECT_THAT(error.message, HasSubstr(sentence));
        EXPECT_EQ(answer("show", {{"post_id", post_id}})["code"], "corrupt");
    }
    EXPECT_EQ(answer("retry", {{"all", true}}), Json({{"count", 1}, {"skipped", 5}, {"next", nullptr}}));
    EXPECT_EQ(letters_left(), "5");
    EXPECT_TRUE(eventually_ready(queue("live.0"), 1));
    EXPECT_EQ(answer("drop", {{"all", true}}), Json({{"count", 5}, {"skipped", 0}, {"next", nullptr}}));
}

// A row of a bgmd that had its queue for itself.
TEST_F(StoredDeadLettersTest, RetriesARowFromBeforeTheSharedQueue) {
    died("p", 0);
    execute("UPDATE dead_posts SET content_hash = NULL, messages = NULL");
    EXPECT_EQ(answer("retry", {{"post_id", "p"}}), Json({{"count", 1}}));
    EXPECT_EQ(letters_left(), "0");
    host_->consume();
    ASSERT_TRUE(host_->until_taken(1));
    EXPECT_TRUE(analysed(taken()));
}

TEST_F(StoredDeadLettersTest, SettlesAllInPages) {
    constexpr int kLetters = 1'005;
    const auto fill_table = [&](std::uint64_t when) {
        died("p", 1, message_id(when));
        execute(
            "INSERT INTO dead_posts (tenant, post_id, revision, stage, code, post, died_at, event_id)"
            " SELECT tenant, CONCAT('p', seq), 1, stage, code,"
            " JSON_SET(post, '$.post_id', CONCAT('p', seq)), died_at, seq FROM dead_posts,"
            " seq_2_to_" +
            std::to_string(kLetters));
    };
    for (const char* op : {"drop", "retry"}) {
        SCOPED_TRACE(op);
        fill_table(op == std::string("drop") ? 1 : 2);  // what was dropped does not come back
        const Json first = answer(op, {{"all", true}});
        EXPECT_EQ(first, Json({{"count", 1'000}, {"skipped", 0}, {"next", 1'000}}));
        const Json second = answer(op, {{"all", true}, {"after", first["next"]}});
        EXPECT_EQ(second, Json({{"count", 5}, {"skipped", 0}, {"next", nullptr}}));
        EXPECT_EQ(letters_left(), "0");
    }
    EXPECT_TRUE(eventually_ready(queue("live.0"), kLetters));
}

TEST_F(StoredDeadLettersTest, SaysThatTheDatabaseIsAwayAndNoMore) {
    MySqlOptions nowhere = probe_.options();
    nowhere.socket = "/nonexistent/db.sock";
    nowhere.user = "nobody";
    host_->on_loop([&] { of_the_loop_ = MySqlConnection(nowhere); });
    for (const char* op : {"list", "show", "retry", "drop"}) {
        const auto result = ask(op, {{"post_id", "p"}}).get();
        ASSERT_FALSE(result) << op;
        EXPECT_EQ(result.error().code, ErrorCode::unavailable) << op;
    }
}

}  // namespace
}  // namespace bgm::test
