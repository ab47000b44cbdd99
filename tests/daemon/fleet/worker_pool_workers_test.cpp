// Workers come and go: what they say of themselves, what ends them, and what is known of them meanwhile.
#include "tests/daemon/fleet/head_files.hpp"
#include "tests/daemon/fleet/worker_pool_fixture.hpp"
#include "tests/eventually.hpp"

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FakeWorker;
using ::testing::HasSubstr;
using testing::head_file;
using ::testing::Not;
using ::testing::Pair;

using WorkersOfThePoolTest = testing::WorkerPoolFixture;

TEST_F(WorkersOfThePoolTest, SaysWhichEndsATaskExplains) {
    open();
    auto idle = worker("idle");
    EXPECT_FALSE(end("idle")) << "nothing was with it";
    EXPECT_FALSE(end("nobody"));
    auto busy = worker("busy");
    const std::uint64_t cancelled = submit_text("t");
    EXPECT_EQ(busy->next_task().text(), "t");
    running_.on_loop([&] { pool_->cancel(cancelled); });
    EXPECT_TRUE(end("busy")) << "also where nobody waits for the answer any more";
    auto grown = worker("grown");
    running_.on_loop([&] { pool_->retire("grown"); });
    EXPECT_TRUE(end("grown")) << "it was told to";
}

// A worker whose connection is gone has died, or will be heard again: what it had is not forgotten meanwhile.
TEST_F(WorkersOfThePoolTest, BlamesTheTaskOfAWorkerWhoseConnectionIsNoticedBeforeItsEnd) {
    open();
    auto dying = worker("w1", {.credits = 4096});
    submit_text("poison");
    EXPECT_EQ(dying->next_task().text(), "poison");
    dying.reset();
    // Until the closed connection is noticed what is sent is lost with it, and its credit too: enough for
    // seconds of tries.
    EXPECT_TRUE(running_.eventually([&] {
        pool_->cancel(pool_->submit({.modality = Modality::text, .text = "x", .lang = "", .load_media = {}},
                                    [](auto) {}));
        return pool_->ready(Modality::text) == 0;
    }));
    EXPECT_TRUE(end("w1"));
    auto next = worker("w2", {.credits = 2});
    submit_text("behind");
    EXPECT_EQ(next->next_task().text(), "poison");
    EXPECT_EQ(in_flight("w2"), 1U) << "it is suspected";
}

TEST_F(WorkersOfThePoolTest, ReplacesASilentWorkerAndKeepsOneThatBeats) {
    config_.workers.silent_ms = 400;
    config_.dispatch.poison_after = 1'000;
    open();
    int round = 0;
    // This thread beats: where it was kept waiting, both were silent, and it is tried again.
    EXPECT_TRUE(test::eventually([&] {
        const std::string text = std::to_string(++round);
        auto silent = worker("silent");
        submit_text(text);
        EXPECT_EQ(silent->next_task().text(), text);
        auto alive = worker("alive");
        silent->introduce();  // heard later than the other one's Hello
        silent->beat(77);
        EXPECT_TRUE(
            running_.eventually([&] { return !status("silent") || status("silent")->rss_bytes == 77; }));
        EXPECT_THAT(alive->answer_all(1), ElementsAre(text));
        expect_own_answer(text);
        end("silent");
        end("alive");
        const auto kills = running_.on_loop([&] { return std::exchange(kills_, {}); });
        return kills == decltype(kills_){{"silent", "silent"}};
    }));
}

// What they said meanwhile is yet to be read.
TEST_F(WorkersOfThePoolTest, BlamesNobodyForTheTimeThatTheLoopStoodStill) {
    config_.workers.silent_ms = 3'000;
    config_.dispatch.text_deadline_ms = 3'000;
    open();
    auto one = worker("w");
    submit_text("t");
    std::promise<std::size_t> killed;
    running_.on_loop([&] {
        std::this_thread::sleep_for(std::chrono::seconds(4));
        // After this turn's look at the clock.
        running_.loop().post([&] { killed.set_value(kills_.size()); });
    });
    EXPECT_EQ(killed.get_future().get(), 0U);
    EXPECT_THAT(one->answer_all(1), ElementsAre("t"));
    expect_own_answer("t");
}

// A worker that was dropped, or that was there before this bgmd: it is asked what it can do.
TEST_F(WorkersOfThePoolTest, AsksAWorkerThatItDoesNotKnowToIntroduceItself) {
    open();
    auto lost = worker("w");
    running_.on_loop([&] { pool_->worker_ended("w"); });
    lost->beat();
    const auto message = lost->next();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->message.has_introduce());
}

TEST_F(WorkersOfThePoolTest, TakesAHelloAsTheEndOfAnEarlierProcessOfThatName) {
    open();
    auto before = worker("w");
    submit_text("t");
    EXPECT_EQ(before->next_task().text(), "t");
    FakeWorker after(config_.workers.endpoint, "w", "w/another identity", {});
    EXPECT_THAT(after.answer_all(1), ElementsAre("t"));
    expect_own_answer("t");
    EXPECT_EQ(running_.on_loop([&] { return pool_->workers().size(); }), 1U);
}

// Two heartbeats of a worker that is not known are two Introduces, and so two Hellos: the second must not
// take away what the first was given, nor blame it.
TEST_F(WorkersOfThePoolTest, LeavesAWorkerThatSaysHelloAgainWhatItHas) {
    config_.dispatch.poison_after = 1;
    open();
    auto one = worker("w", {.credits = 2});
    submit_text("a");
    submit_text("b");
    const v1::Task a = one->next_task();
    const v1::Task b = one->next_task();
    one->introduce();
    one->beat(77);
    EXPECT_TRUE(running_.eventually([&] { return status("w")->rss_bytes == 77; }));
    EXPECT_EQ(in_flight("w"), 2U);
    submit_text("c");
    EXPECT_EQ(in_flight("w"), 2U) << "its credits are as before";
    one->answer(a);
    one->answer(b);
    EXPECT_THAT(one->answer_all(1), ElementsAre("c"));
    for (const char* text : {"a", "b", "c"})
        expect_own_answer(text);
}

TEST_F(WorkersOfThePoolTest, TakesAHelloWithAnotherPidAsAnotherProcess) {
    config_.dispatch.poison_after = 1;
    open();
    auto one = worker("w");
    submit_text("poison");
    EXPECT_EQ(one->next_task().text(), "poison");
    one->introduce(4242);
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::corrupt) << "the process that had it is gone";
}

TEST_F(WorkersOfThePoolTest, IgnoresAWorkerThatOffersNothing) {
    open();
    FakeWorker no_modality(config_.workers.endpoint, "w1", {.modalities = {"smell"}});
    FakeWorker no_credit(config_.workers.endpoint, "w2", {.credits = 0});
    auto good = worker("w3");
    submit_text("t");
    EXPECT_THAT(good->answer_all(1), ElementsAre("t"));
    EXPECT_EQ(running_.on_loop([&] { return pool_->workers().size(); }), 1U);
}

TEST_F(WorkersOfThePoolTest, RetiresAWorkerThatHasGrownTooLarge) {
    config_.workers.rss_bytes_max = 1'000'000;
    open();
    auto large = worker("w1", {.credits = 5});
    large->beat(3'000'000);  // its model: what a worker takes from the start is no growth
    submit_text("before");
    const v1::Task before = large->next_task();
    large->beat(4'000'000);
    EXPECT_TRUE(running_.eventually([&] { return status("w1")->rss_bytes == 4'000'000; }));
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::text); }), 1U);
    large->beat(4'000'001);
    const auto retire = large->next();
    ASSERT_TRUE(retire);
    EXPECT_TRUE(retire->message.has_retire());
    submit_text("after");
    EXPECT_EQ(in_flight("w1"), 1U);
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::text); }), 0U);
    large->answer(before);
    expect_own_answer("before");
    auto fresh = worker("w2");
    EXPECT_THAT(fresh->answer_all(1), ElementsAre("after"));
}

// A worker that is to take the place of another gets nothing before it is told to.
TEST_F(WorkersOfThePoolTest, GivesAWorkerInStandbyItsFirstTaskOnceItIsActivated) {
    open();
    admit_in_standby("new");
    auto old = worker("old", {.credits = 4});
    auto fresh = worker("new", {.credits = 4});
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::text); }), 1U);
    for (const char* text : {"1", "2", "3", "4", "5"})
        submit_text(text);
    EXPECT_EQ(in_flight("old"), 4U);
    EXPECT_EQ(in_flight("new"), 0U);
    running_.on_loop([&] { pool_->activate("new"); });
    EXPECT_EQ(in_flight("new"), 1U) << "what waited goes to it at once";

    EXPECT_TRUE(running_.on_loop([&] { return pool_->retire("old"); }));
    EXPECT_FALSE(running_.on_loop([&] { return pool_->retire("nobody"); }));
    submit_text("6");
    EXPECT_EQ(in_flight("old"), 4U) << "it keeps what it has, and gets no more";
    EXPECT_THAT(old->answer_all(4), ElementsAre("1", "2", "3", "4"));
    const auto told = old->next();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->message.has_retire());
    EXPECT_THAT(fresh->answer_all(2), ElementsAre("5", "6"));
    for (const char* text : {"1", "2", "3", "4", "5", "6"})
        expect_own_answer(text);
}

TEST_F(WorkersOfThePoolTest, PublishesTheModelsThatAnswerAndHowOftenTheyRemembered) {
    open();
    admit_in_standby("new");
    auto both = worker("old", {.modalities = {"image", "video"}, .models = {"clip@1", "clip@1"}});
    auto standby = worker("new", {.modalities = {"image"}, .models = {"clip@2"}});
    both->beat(1, {.hits = 3, .misses = 10});
    both->beat(2, {.hits = 5, .misses = 11});
    EXPECT_TRUE(running_.eventually([&] { return status("old")->rss_bytes == 2; }));
    const auto text = [&] {
        return running_.on_loop([&] {
            pool_->publish_metrics();
            return metrics_.text();
        });
    };
    EXPECT_THAT(text(), AllOf(HasSubstr("bgmd_model_info{modality=\"image\",model=\"clip@1\"} 1"),
                              HasSubstr("bgmd_model_info{modality=\"video\",model=\"clip@1\"} 1"),
                              Not(HasSubstr("clip@2"))));
    EXPECT_THAT(
        text(),
        AllOf(HasSubstr("bgmd_embedding_cache_lookups_total{modality=\"image\",outcome=\"hit\"} 5"),
              HasSubstr("bgmd_embedding_cache_lookups_total{modality=\"image\",outcome=\"miss\"} 11")));
    running_.on_loop([&] {
        pool_->activate("new");
        pool_->worker_ended("old");
    });
    EXPECT_THAT(text(), AllOf(HasSubstr("bgmd_model_info{modality=\"image\",model=\"clip@2\"} 1"),
                              Not(HasSubstr("clip@1"))));
}

TEST_F(WorkersOfThePoolTest, SendsAWorkerAwayThatBringsABrokenHead) {
    open();
    admit_with_heads();
    FakeWorker broken(config_.workers.endpoint, "w1", {.heads = {"nonsense"}});
    const auto told = broken.next();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->message.has_retire());
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::text); }), 0U);
    submit_text("a");
    auto sound = worker("w2", {.heads = {head_file("clip@1")}});
    EXPECT_THAT(sound->answer_all(1), ElementsAre("a"));
}

// Nobody reports the end of a worker that bgmd did not start: its closed connection is noticed when something
// is sent. The task must not wait until something else happens.
TEST_F(WorkersOfThePoolTest, GivesATaskToAnotherWorkerWhereTheFirstHasHungUp) {
    config_.workers.silent_ms = 2000;
    open();
    auto gone = worker("a-the-first-choice");
    gone.reset();
    auto there = worker("b-the-second");
    submit_text("t");
    EXPECT_THAT(there->answer_all(1), ElementsAre("t"));
    expect_own_answer("t");
}

}  // namespace
}  // namespace bgm
