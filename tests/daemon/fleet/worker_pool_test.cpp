// Tasks through the pool and the real socket: each gets its own answer, media is read off the loop, and what
// goes wrong ends as the right error. Who gets which task is the scheduler's (scheduler_test.cpp).
#include <atomic>
#include <latch>
#include <thread>

#include "tests/daemon/fleet/head_files.hpp"
#include "tests/daemon/fleet/worker_pool_fixture.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::head_file;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using WorkerPoolTest = testing::WorkerPoolFixture;

TEST_F(WorkerPoolTest, GivesAWorkerNoMoreTasksThanItOffersToTake) {
    open();
    auto one = worker("w", {.credits = 2});
    for (const char* text : {"1", "2", "3", "4", "5"})
        submit_text(text);
    EXPECT_EQ(in_flight("w"), 2U);
    const v1::Task first = one->next_task();
    EXPECT_EQ(first.modality(), "text");
    EXPECT_FALSE(first.has_media());
    one->answer(first);
    expect_own_answer("1");
    EXPECT_EQ(in_flight("w"), 2U) << "a result gives one credit back";
    EXPECT_THAT(one->answer_all(4), ElementsAre("2", "3", "4", "5"));
    expect_own_answer("5");
    EXPECT_EQ(in_flight("w"), 0U);
}

TEST_F(WorkerPoolTest, MatchesEachResultToItsTask) {
    open();
    auto one = worker("w", {.credits = 3});
    for (const char* text : {"a", "b", "c"})
        submit_text(text);
    std::vector<v1::Task> tasks;
    for (int i = 0; i < 3; ++i)
        tasks.push_back(one->next_task());
    one->answer(tasks[2]);
    one->answer(tasks[0]);
    one->answer(tasks[0]);  // twice is once
    one->fail(tasks[1], "corrupt");
    expect_own_answer("a");
    expect_own_answer("c");
    const TaskAnswer failed = answer_to("b");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::corrupt);
    EXPECT_EQ(failed.error().message, "said the worker");
}

TEST_F(WorkerPoolTest, TakesAnErrorCodeThatItDoesNotKnowAsInternal) {
    open();
    auto one = worker("w");
    submit_text("t");
    one->fail(one->next_task(), "gremlins");
    EXPECT_EQ(answer_to("t").error().code, ErrorCode::internal);
}

TEST_F(WorkerPoolTest, LoadsMediaOnlyWhenAWorkerIsThereToTakeThem) {
    open();
    std::atomic<int> loads{0};
    submit({.modality = Modality::image,
            .backfill = false,
            .text = "i",
            .lang = "",
            .load_media = [&]() -> Result<Frame> {
                ++loads;
                return Frame("the picture");
            }});
    EXPECT_EQ(loads, 0);
    auto one = worker("w", {.modalities = {"image"}});
    const auto message = one->next();
    ASSERT_TRUE(message && message->media);
    EXPECT_TRUE(message->message.task().has_media());
    EXPECT_EQ(*message->media, "the picture");
    EXPECT_EQ(loads, 1);
}

// Reading takes as long as a disk takes: meanwhile everything else goes on.
TEST_F(WorkerPoolTest, GoesOnWhileMediaIsRead) {
    open();
    auto image = worker("image", {.modalities = {"image"}, .credits = 2});
    auto text = worker("text");
    std::latch begun(1);
    std::latch may_end(1);
    std::atomic<bool> on_the_loop{false};
    const auto loop = running_.on_loop([] { return std::this_thread::get_id(); });
    submit({.modality = Modality::image, .text = "slow", .lang = "", .load_media = [&]() -> Result<Frame> {
                on_the_loop = std::this_thread::get_id() == loop;
                begun.count_down();
                if (!on_the_loop) may_end.wait();
                return Frame("the picture");
            }});
    begun.wait();
    submit_text("quick");
    EXPECT_THAT(text->answer_all(1), ElementsAre("quick"));
    expect_own_answer("quick");
    EXPECT_FALSE(on_the_loop);
    EXPECT_EQ(in_flight("image"), 1U) << "the credit is held";
    EXPECT_THAT(running_.on_loop([&] { return kills_; }), IsEmpty());
    may_end.count_down();
    const auto message = image->next();
    ASSERT_TRUE(message && message->media);
    image->answer(message->message.task());
    EXPECT_TRUE(answer_to("slow"));
}

TEST_F(WorkerPoolTest, ForgetsMediaThatNobodyWaitsForAnyMore) {
    open();
    auto one = worker("w", {.modalities = {"image"}});
    std::latch may_end(1);
    const std::uint64_t cancelled = submit(picture("cancelled", "c", &may_end));
    submit(picture("next", "n"));
    running_.on_loop([&] { pool_->cancel(cancelled); });
    may_end.count_down();
    EXPECT_THAT(one->answer_all(1), ElementsAre("next"));
    expect_own_answer("next");
    EXPECT_THAT(running_.on_loop([&] { return answers_; }), SizeIs(1));
}

// The same file in many posts: what it did to workers in one of them is known of all of them.
TEST_F(WorkerPoolTest, KillsNoWorkerWithMediaThatIsKnownToKill) {
    open();
    for (int i = 0; i < 5; ++i)
        submit(picture("deadly " + std::to_string(i), "the same bytes"));
    submit(picture("good", "other bytes"));
    auto first = worker("w1", {.modalities = {"image"}, .credits = 2});
    EXPECT_EQ(first->next_task().text(), "deadly 0");
    EXPECT_EQ(first->next_task().text(), "deadly 1");
    end("w1");
    auto second = worker("w2", {.modalities = {"image"}, .credits = 2});
    EXPECT_EQ(second->next_task().text(), "deadly 0");
    end("w2");
    auto third = worker("w3", {.modalities = {"image"}, .credits = 2});
    EXPECT_THAT(third->answer_all(1), ElementsAre("good")) << "the others are suspects unseen";
    EXPECT_EQ(third->next_task().text(), "deadly 0");
    end("w3");
    auto fourth = worker("w4", {.modalities = {"image"}, .credits = 2});
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(answer_to("deadly " + std::to_string(i)).error().code, ErrorCode::corrupt);
    expect_own_answer("good");

    running_.on_loop([&] {
        answers_.clear();
        pool_->forgive();
    });
    submit(picture("deadly again", "the same bytes"));
    EXPECT_THAT(fourth->answer_all(1), ElementsAre("deadly again")) << "an operator may ask for another try";
}

// The caller may be in the middle of submitting a post's other tasks: an answer from within would surprise
// it.
TEST_F(WorkerPoolTest, AnswersLaterAlsoWhereTheMediaAreGone) {
    open();
    auto one = worker("w", {.modalities = {"text", "image"}});
    const bool answered_within = running_.on_loop([&] {
        const auto answered = std::make_shared<bool>(false);
        pool_->submit({.modality = Modality::image,
                       .backfill = false,
                       .text = "",
                       .lang = "",
                       .load_media = []() -> Result<Frame> {
                           return Error{.code = ErrorCode::not_found, .message = "gone"};
                       }},
                      [this, answered](TaskAnswer answer) {
                          *answered = true;
                          answers_.emplace("image", std::move(answer));
                      });
        return *answered;
    });
    EXPECT_FALSE(answered_within);
    EXPECT_EQ(answer_to("image").error().code, ErrorCode::not_found);
    submit_text("next");
    EXPECT_THAT(one->answer_all(1), ElementsAre("next")) << "it took no credit";
}

TEST_F(WorkerPoolTest, GivesTheTasksOfADeadWorkerToAnother) {
    open();
    auto dying = worker("w1", {.credits = 3});
    for (const char* text : {"a", "b", "c"})
        submit_text(text);
    const v1::Task lost = dying->next_task();
    auto heir = worker("w2", {.credits = 1});
    running_.on_loop([&] { pool_->worker_ended("w1"); });
    EXPECT_THAT(heir->answer_all(3), ElementsAre("a", "b", "c"));
    dying->answer(lost);  // too late: it must not count twice
    for (const char* text : {"a", "b", "c"})
        expect_own_answer(text);
    EXPECT_THAT(running_.on_loop([&] { return kills_; }), IsEmpty());
}

TEST_F(WorkerPoolTest, ReplacesAWorkerThatTakesTooLong) {
    config_.dispatch.text_deadline_ms = 60;
    open();
    auto slow = worker("w1", {.credits = 2});
    submit_text("slow");
    submit_text("behind");
    EXPECT_EQ(slow->next_task().text(), "slow");
    const TaskAnswer late = answer_to("slow");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::deadline_exceeded);
    running_.on_loop([&] { config_.dispatch.text_deadline_ms = 3'600'000; });
    EXPECT_THAT(running_.on_loop([&] { return kills_; }), ElementsAre(Pair("w1", "deadline")));
    auto fresh = worker("w2");
    EXPECT_THAT(fresh->answer_all(1), ElementsAre("behind")) << "it only stood behind the slow one";
    expect_own_answer("behind");
}

TEST_F(WorkerPoolTest, FailsTasksOfAModalityThatNobodyServes) {
    config_.dispatch.no_worker_ms = 50;
    open();
    submit_text("live");
    submit_text("backfill", true);
    EXPECT_EQ(answer_to("live").error().code, ErrorCode::unavailable);
    EXPECT_EQ(answer_to("backfill").error().code, ErrorCode::unavailable);
}

TEST_F(WorkerPoolTest, SaysForGoodThatAModalityIsTurnedOff) {
    config_.dispatch.no_worker_ms = 50;
    config_.workers.text = 0;
    open();
    submit_text("t");
    EXPECT_EQ(answer_to("t").error().code, ErrorCode::unsupported);
}

// bgmd started none, so only the registry knows: what has been served before may be served again.
TEST_F(WorkerPoolTest, WaitsForAWorkerOfSomebodyElseThatWasHere) {
    config_.dispatch.no_worker_ms = 50;
    config_.workers.text = config_.workers.image = config_.workers.audio = config_.workers.video = 0;
    open();
    const auto missing = [this] { return running_.on_loop([this] { return pool_->missing(); }); };
    EXPECT_THAT(missing(), IsEmpty()) << "nobody is expected";
    auto remote = worker("a-remote-worker");
    EXPECT_THAT(missing(), IsEmpty());
    end("a-remote-worker");
    EXPECT_THAT(missing(), ElementsAre(Modality::text));
    submit_text("t");
    EXPECT_EQ(answer_to("t").error().code, ErrorCode::unavailable) << "it is to be tried again";
}

TEST_F(WorkerPoolTest, TakesAWorkerOfSomebodyElseForThoseOfItsOwn) {
    open();
    const auto missing = [this] { return running_.on_loop([this] { return pool_->missing(); }); };
    EXPECT_THAT(missing(), ElementsAreArray(kModalities));
    auto remote = worker("a-remote-worker");
    EXPECT_THAT(missing(), ElementsAre(Modality::image, Modality::audio, Modality::video));
    EXPECT_THAT(running_.on_loop([this] { return status("a-remote-worker")->modalities; }),
                ElementsAre(Modality::text));
}

TEST_F(WorkerPoolTest, NeverAnswersACancelledTask) {
    open();
    auto one = worker("w");
    const std::uint64_t with_worker = submit_text("with the worker");
    const std::uint64_t queued = submit_text("queued");
    submit_text("last");
    const v1::Task task = one->next_task();
    EXPECT_EQ(task.task_id(), with_worker);
    running_.on_loop([&] {
        pool_->cancel(with_worker);
        pool_->cancel(queued);
        pool_->cancel(queued);
    });
    one->answer(task);
    EXPECT_THAT(one->answer_all(1), ElementsAre("last")) << "the result gave its credit back";
    expect_own_answer("last");
    EXPECT_THAT(running_.on_loop([&] { return answers_; }), SizeIs(1));
}

// The heads are those of the worker that answered, also when it is gone by the time they are needed.
TEST_F(WorkerPoolTest, AnswersWithTheHeadsOfTheWorkerThatAnswered) {
    open();
    admit_with_heads();
    auto one = worker("w1", {.heads = {head_file("clip@1")}});
    submit_text("a");
    one->answer_all(1);
    ASSERT_TRUE(answer_to("a"));
    running_.on_loop([&] { pool_->worker_ended("w1"); });
    auto two = worker("w2", {.heads = {head_file("clip@2")}});
    submit_text("b");
    two->answer_all(1);
    const TaskAnswer first = answer_to("a");
    const TaskAnswer second = answer_to("b");
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_NE(first->heads->find("clip@1"), nullptr);
    EXPECT_EQ(first->heads->find("clip@2"), nullptr);
    EXPECT_NE(second->heads->find("clip@2"), nullptr);
}

}  // namespace
}  // namespace bgm
