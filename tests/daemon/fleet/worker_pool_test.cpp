// The pool against workers that this test plays itself, over the real socket: how many tasks a worker gets,
// in which order, and what becomes of a task when its worker dies, falls silent, is too slow or is not there.
#include "daemon/fleet/worker_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <map>
#include <thread>

#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/fleet/fake_worker.hpp"
#include "tests/daemon/fleet/head_files.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FakeWorker;
using ::testing::HasSubstr;
using testing::head_file;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::SizeIs;

class WorkerPoolTest : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.workers.endpoint = "ipc://" + (folder_.path() / "workers.sock").string();
        const std::int64_t never_ms = 3'600'000;
        config_.dispatch.text_deadline_ms = never_ms;
        config_.dispatch.image_deadline_ms = never_ms;
        config_.dispatch.no_worker_ms = never_ms;
        config_.workers.silent_ms = never_ms;
    }
    void TearDown() override { running_.stop(); }

    void open() {
        auto opened = WorkerPool::open(config_, running_.loop(), messaging_, metrics_);
        ASSERT_TRUE(opened) << opened.error().to_string();
        pool_ = std::move(*opened);
        pool_->set_kill([this](const std::string& name, std::string_view reason) {
            kills_.emplace_back(name, std::string(reason));
        });
        running_.start();
    }

    void admit_with_heads() {
        running_.on_loop([this] {
            pool_->set_admit([](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
                auto heads = HeadSet().with(hello);
                if (!heads) return heads.error();
                return WorkerPool::Admission{.heads = std::move(*heads)};
            });
        });
    }

    void admit_in_standby(const std::string& standby) {
        running_.on_loop([&] {
            pool_->set_admit([standby](const v1::Hello& hello) -> Result<WorkerPool::Admission> {
                return WorkerPool::Admission{.heads = nullptr, .standby = hello.name() == standby};
            });
        });
    }

    std::unique_ptr<FakeWorker> worker(const std::string& name, const FakeWorker::Offer& offer = {}) {
        auto made = std::make_unique<FakeWorker>(config_.workers.endpoint, name, offer);
        EXPECT_TRUE(running_.eventually([this, &name] { return status(name).has_value(); }));
        return made;
    }

    /// On the loop's thread.
    std::optional<WorkerStatus> status(const std::string& name) const {
        for (const WorkerStatus& each : pool_->workers()) {
            if (each.name == name) return each;
        }
        return std::nullopt;
    }
    /// The supervisor sees the process end.
    bool end(const std::string& name) {
        return running_.on_loop([&] { return pool_->worker_ended(name); });
    }
    std::size_t in_flight(const std::string& name) {
        return running_.on_loop([&] { return status(name).value_or(WorkerStatus{}).in_flight; });
    }

    std::uint64_t submit(TaskRequest request) {
        return running_.on_loop([&] {
            const std::string text = request.text;
            return pool_->submit(std::move(request), [this, text](TaskAnswer answer) {
                answers_.emplace(text, std::move(answer));
            });
        });
    }
    /// An image task that is known by its text; its media is read once the latch allows it.
    static TaskRequest picture(const std::string& text, const std::string& bytes,
                               std::latch* may_end = nullptr) {
        return {.modality = Modality::image,
                .backfill = false,
                .text = text,
                .lang = "",
                .load_media = [bytes, may_end]() -> Result<Frame> {
                    if (may_end != nullptr) may_end->wait();
                    return Frame(bytes);
                }};
    }
    /// A text that has killed so many workers already.
    std::uint64_t submit_suspect(const std::string& text, int deaths, bool backfill = false) {
        return submit({.modality = Modality::text,
                       .backfill = backfill,
                       .text = text,
                       .lang = "",
                       .load_media = {},
                       .deaths = std::make_shared<int>(deaths)});
    }
    std::uint64_t submit_text(const std::string& text, bool backfill = false) {
        return submit(
            {.modality = Modality::text, .backfill = backfill, .text = text, .lang = "", .load_media = {}});
    }

    /// What was answered to the task of this text.
    TaskAnswer answer_to(const std::string& text) {
        EXPECT_TRUE(running_.eventually([&] { return answers_.contains(text); })) << text;
        return running_.on_loop([&]() -> TaskAnswer {
            EXPECT_LE(answers_.count(text), 1U) << text << " was answered twice";
            const auto found = answers_.find(text);
            if (found == answers_.end()) return Error{.message = "no answer came"};
            return found->second;
        });
    }
    void expect_own_answer(const std::string& text) {
        const TaskAnswer answer = answer_to(text);
        ASSERT_TRUE(answer) << answer.error().to_string();
        ASSERT_THAT(answer->outputs, SizeIs(1));
        EXPECT_THAT(answer->outputs.front().notes(), ElementsAre(text));
    }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<WorkerPool> pool_;
    // Both belong to the loop's thread.
    std::multimap<std::string, TaskAnswer> answers_;
    std::vector<std::pair<std::string, std::string>> kills_;
};

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

TEST_F(WorkerPoolTest, ServesLiveTasksBeforeBackfill) {
    open();
    submit_text("b1", true);
    submit_text("l1");
    submit_text("b2", true);
    submit_text("l2");
    auto one = worker("w");
    EXPECT_THAT(one->answer_all(4), ElementsAre("l1", "l2", "b1", "b2"));
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

TEST_F(WorkerPoolTest, SharesTasksAmongWorkersOfTheModality) {
    open();
    auto first = worker("w1", {.credits = 4});
    auto second = worker("w2", {.credits = 4});
    auto other = worker("w3", {.modalities = {"image"}, .credits = 4});
    for (int i = 0; i < 4; ++i)
        submit_text("t" + std::to_string(i));
    EXPECT_EQ(in_flight("w1"), 2U);
    EXPECT_EQ(in_flight("w2"), 2U);
    EXPECT_EQ(in_flight("w3"), 0U);
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::text); }), 2U);
    EXPECT_EQ(running_.on_loop([&] { return pool_->ready(Modality::audio); }), 0U);
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

// Reading may take as long as a disk takes: meanwhile everything else goes on, and the lease does not run.
TEST_F(WorkerPoolTest, GoesOnWhileMediaIsRead) {
    config_.dispatch.image_deadline_ms = 1;
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
    running_.on_loop([&] { config_.dispatch.image_deadline_ms = 3'600'000; });
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

TEST_F(WorkerPoolTest, BlamesNoTaskWhoseMediaWasStillReadWhenTheWorkerDied) {
    config_.dispatch.poison_after = 1;
    open();
    auto dying = worker("w1", {.modalities = {"image"}});
    std::latch may_end(1);
    submit(picture("innocent", "i", &may_end));
    EXPECT_EQ(in_flight("w1"), 1U);
    EXPECT_FALSE(end("w1"));
    auto heir = worker("w2", {.modalities = {"image"}});
    may_end.count_down();
    EXPECT_THAT(heir->answer_all(1), ElementsAre("innocent"));
    expect_own_answer("innocent");
}

// Credits count tasks; what a worker holds must fit its memory all the same.
TEST_F(WorkerPoolTest, SendsAWorkerNoMoreBytesThanItOffersToTakeAndAlwaysOneTask) {
    open();
    auto one = worker("w", {.modalities = {"image"}, .credits = 32, .credit_bytes = 100});
    std::atomic<int> loads{0};
    const auto sized = [&](const std::string& name, std::size_t bytes) {
        TaskRequest request = picture(name, std::string(bytes, 'x'));
        request.load_media = [&loads, load = request.load_media]() {
            ++loads;
            return load();
        };
        submit(std::move(request));
    };
    sized("60", 60);
    sized("40", 40);
    sized("1", 1);
    sized("1000", 1000);
    sized("50", 50);
    const v1::Task first = one->next_task();
    const v1::Task second = one->next_task();
    EXPECT_EQ(first.text(), "60");
    EXPECT_EQ(second.text(), "40");
    EXPECT_TRUE(running_.eventually([&] { return loads == 3; }));
    EXPECT_EQ(in_flight("w"), 3U) << "one waits with its bytes; what lies behind it is not read";
    one->answer(first);
    EXPECT_EQ(one->next_task().text(), "1");
    EXPECT_TRUE(running_.eventually([&] { return loads == 4; }));
    one->answer(second);
    EXPECT_TRUE(running_.eventually([&] { return status("w")->in_flight == 2; }));
    EXPECT_EQ(loads, 4);
}

TEST_F(WorkerPoolTest, SendsATaskThatIsLargerThanTheBudgetAlone) {
    open();
    auto one = worker("w", {.modalities = {"image"}, .credits = 32, .credit_bytes = 100});
    submit(picture("1000", std::string(1000, 'x')));
    submit(picture("50", std::string(50, 'x')));
    EXPECT_THAT(one->answer_all(2), ElementsAre("1000", "50"));
}

TEST_F(WorkerPoolTest, GivesWhatWasReadForAWorkerThatRetiresToAnother) {
    open();
    auto old = worker("old", {.modalities = {"image"}, .credits = 4, .credit_bytes = 100});
    submit(picture("1", std::string(80, 'x')));
    submit(picture("2", std::string(80, 'y')));
    EXPECT_EQ(old->next_task().text(), "1");
    auto fresh = worker("new", {.modalities = {"image"}, .credits = 4});
    running_.on_loop([&] { pool_->retire("old"); });
    EXPECT_THAT(fresh->answer_all(1), ElementsAre("2"));
    expect_own_answer("2");
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

// A text that is known to kill lets the others go first like any suspect; but many people write the same few
// words, so what happened to one of them condemns nobody.
TEST_F(WorkerPoolTest, SuspectsATextThatIsKnownToKillAndTriesItAllTheSame) {
    open();
    submit({.modality = Modality::text, .text = "the same words", .lang = "", .load_media = {}});
    submit({.modality = Modality::text, .text = "more", .lang = "", .load_media = {}});
    auto first = worker("w1", {.credits = 2});
    EXPECT_EQ(first->next_task().text(), "the same words");
    EXPECT_EQ(in_flight("w1"), 2U);
    end("w1");
    auto second = worker("w2", {.credits = 2});
    EXPECT_EQ(second->next_task().text(), "the same words");
    end("w2");
    running_.on_loop([this] {
        pool_->submit({.modality = Modality::text, .text = "the same words", .lang = "", .load_media = {}},
                      [this](TaskAnswer answer) { answers_.emplace("again", std::move(answer)); });
    });
    submit_text("good");
    auto third = worker("w3", {.credits = 2});
    EXPECT_THAT(third->answer_all(2), ElementsAre("more", "good"));
    EXPECT_EQ(third->next_task().text(), "the same words");
    end("w3");
    EXPECT_EQ(answer_to("the same words").error().code, ErrorCode::corrupt);
    auto fourth = worker("w4", {.credits = 2});
    EXPECT_THAT(fourth->answer_all(1), ElementsAre("the same words"));
    EXPECT_TRUE(answer_to("again"));
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

TEST_F(WorkerPoolTest, GivesUpATaskThatKilledTwoWorkersAndSparesTheOthers) {
    open();
    submit_text("poison");
    auto first = worker("w1", {.credits = 3});
    EXPECT_EQ(first->next_task().text(), "poison");
    EXPECT_TRUE(end("w1")) << "a task explains it";
    for (const char* text : {"innocent", "behind"})
        submit_text(text);
    auto second = worker("w2", {.credits = 3});
    EXPECT_THAT(second->answer_all(2), ElementsAre("innocent", "behind"))
        << "a suspect lets the others go first";
    EXPECT_EQ(second->next_task().text(), "poison");
    submit_text("next");
    EXPECT_EQ(in_flight("w2"), 1U) << "a suspect runs alone";
    EXPECT_TRUE(end("w2"));
    const TaskAnswer poison = answer_to("poison");
    ASSERT_FALSE(poison);
    EXPECT_EQ(poison.error().code, ErrorCode::corrupt) << "trying again would kill more workers";
    EXPECT_THAT(poison.error().message, HasSubstr("died"));
    auto third = worker("w3", {.credits = 3});
    EXPECT_THAT(third->answer_all(1), ElementsAre("next"));
    for (const char* text : {"innocent", "behind", "next"})
        expect_own_answer(text);
}

// The first may have been done with, its answer lost with the worker; the last may have been read ahead. So
// none of several is blamed, and they find out one by one.
TEST_F(WorkerPoolTest, BlamesNoneOfSeveralThatAWorkerDiedWithAndTriesThemOneByOne) {
    config_.dispatch.poison_after = 1;
    open();
    for (const char* text : {"answered too late", "poison", "behind"})
        submit_text(text);
    auto first = worker("w1", {.credits = 3});
    EXPECT_EQ(first->next_task().text(), "answered too late");
    EXPECT_EQ(in_flight("w1"), 3U);
    end("w1");
    auto second = worker("w2", {.credits = 3});
    EXPECT_EQ(in_flight("w2"), 1U);
    EXPECT_THAT(second->answer_all(1), ElementsAre("answered too late"));
    EXPECT_EQ(second->next_task().text(), "poison");
    EXPECT_EQ(in_flight("w2"), 1U);
    end("w2");
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::corrupt) << "it was alone";
    auto third = worker("w3", {.credits = 3});
    EXPECT_THAT(third->answer_all(1), ElementsAre("behind"));
    expect_own_answer("answered too late");
    expect_own_answer("behind");
}

// Deaths come in swarms: after one the next tasks go one by one too, so that it is known at once which of
// them kills.
TEST_F(WorkerPoolTest, SendsTasksOneByOneForSomeTimeAfterADeath) {
    open();
    auto first = worker("w1", {.credits = 3});
    submit_text("poison");
    EXPECT_EQ(first->next_task().text(), "poison");
    end("w1");
    auto second = worker("w2", {.credits = 3});
    EXPECT_THAT(second->answer_all(1), ElementsAre("poison"));
    expect_own_answer("poison");
    std::size_t one_by_one = 0;
    for (; one_by_one < 1000; ++one_by_one) {
        const std::string number = std::to_string(one_by_one);
        submit_text("a" + number);
        submit_text("b" + number);
        const bool alone = in_flight("w2") == 1;
        EXPECT_THAT(second->answer_all(2), ElementsAre("a" + number, "b" + number));
        expect_own_answer("a" + number);
        expect_own_answer("b" + number);
        if (!alone) break;
    }
    EXPECT_GT(one_by_one, 10U);
    EXPECT_LT(one_by_one, 1000U) << "not for ever";
}

TEST_F(WorkerPoolTest, SaysWhichEndsATaskExplains) {
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

// What a task has done to workers is known to whoever submits it: it does not become innocent by being
// submitted anew, however the first submission ended.
TEST_F(WorkerPoolTest, CountsTheDeathsOfATaskThatIsSubmittedAgain) {
    config_.dispatch.no_worker_ms = 2000;
    open();
    const auto deaths = std::make_shared<int>(0);
    const TaskRequest request{.modality = Modality::text,
                              .backfill = false,
                              .text = "poison",
                              .lang = "",
                              .load_media = {},
                              .deaths = deaths};
    submit(request);
    auto first = worker("w1");
    EXPECT_EQ(first->next_task().text(), "poison");
    end("w1");
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::unavailable) << "there was no worker for so long";
    EXPECT_EQ(running_.on_loop([&] { return *deaths; }), 1);
    running_.on_loop([&] { answers_.clear(); });

    auto second = worker("w2", {.credits = 2});
    submit(request);
    submit_text("next");
    EXPECT_EQ(second->next_task().text(), "poison");
    EXPECT_EQ(in_flight("w2"), 1U) << "alone";
    end("w2");
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::corrupt);
    running_.on_loop([&] { answers_.erase("poison"); });
    submit(request);
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::corrupt) << "no third worker dies";
    auto third = worker("w3");
    EXPECT_THAT(third->answer_all(1), ElementsAre("next"));
}

TEST_F(WorkerPoolTest, LetsEverybodyGoBeforeASuspectOfTheSameKind) {
    open();
    submit_suspect("live suspect", 1);
    submit_suspect("backfill suspect", 1, true);
    submit_text("backfill", true);
    submit_text("live");
    auto one = worker("w", {.credits = 4});
    EXPECT_EQ(in_flight("w"), 2U) << "nothing is sent behind a suspect, and no suspect behind anything";
    EXPECT_THAT(one->answer_all(4), ElementsAre("live", "backfill", "live suspect", "backfill suspect"));
}

// One suspect at a time: however many there are, the other workers are there for the others.
TEST_F(WorkerPoolTest, HasOneSuspectAtATimeTried) {
    open();
    auto first = worker("w1", {.credits = 2});
    auto second = worker("w2", {.credits = 2});
    for (const char* text : {"s1", "s2", "s3"})
        submit_suspect(text, 1);
    EXPECT_EQ(in_flight("w1") + in_flight("w2"), 1U);
    submit_text("a");
    submit_text("b");
    submit_text("c");
    EXPECT_EQ(in_flight("w1") + in_flight("w2"), 3U) << "one is full, the other has the suspect";
    auto& with_suspect = in_flight("w1") == 1 ? first : second;
    auto& with_others = in_flight("w1") == 1 ? second : first;
    EXPECT_THAT(with_others->answer_all(2), ElementsAre("a", "b"));
    EXPECT_THAT(with_suspect->answer_all(1), ElementsAre("s1"));
    for (const char* text : {"a", "b", "s1"})
        expect_own_answer(text);
}

// A worker whose connection is gone has died, or will be heard again: what it had is not forgotten meanwhile.
TEST_F(WorkerPoolTest, BlamesTheTaskOfAWorkerWhoseConnectionIsNoticedBeforeItsEnd) {
    open();
    auto dying = worker("w1", {.credits = 2});
    submit_text("poison");
    EXPECT_EQ(dying->next_task().text(), "poison");
    dying.reset();
    // Until the closed connection is noticed what is sent is lost with it.
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

// Of a batch nobody knows which task was the slow one: each gets another chance, alone.
TEST_F(WorkerPoolTest, TriesTheTasksOfASlowBatchAgainOneByOne) {
    config_.dispatch.text_deadline_ms = 60;
    open();
    auto batching = worker("w1", {.credits = 2, .batch_max = 2});
    submit_text("a");
    submit_text("b");
    EXPECT_TRUE(running_.eventually([this] { return kills_.size() == 1; }));
    EXPECT_THAT(running_.on_loop([&] { return answers_; }), IsEmpty());
    auto next = worker("w2", {.credits = 2, .batch_max = 2});
    EXPECT_EQ(in_flight("w2"), 1U);
    EXPECT_EQ(answer_to("a").error().code, ErrorCode::deadline_exceeded) << "now it is known";
    auto last = worker("w3", {.credits = 2, .batch_max = 2});
    EXPECT_THAT(last->answer_all(1), ElementsAre("b"));
    expect_own_answer("b");
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

// A worker may answer out of order: what overtakes the oldest task says nothing about that one.
TEST_F(WorkerPoolTest, LetsTheLeaseOfTheOldestTaskRunWhileOthersOvertakeIt) {
    config_.dispatch.text_deadline_ms = 300;
    open();
    auto one = worker("w", {.credits = 2});
    submit_text("hangs");
    EXPECT_EQ(one->next_task().text(), "hangs");
    std::size_t overtaking = 0;
    while (running_.on_loop([&] { return kills_.empty(); })) {
        ASSERT_LT(++overtaking, 20'000U);
        submit_text("quick");
        one->answer(one->next_task());
        ASSERT_TRUE(running_.eventually([&] { return answers_.contains("quick") || !kills_.empty(); }));
        running_.on_loop([&] { answers_.erase("quick"); });
    }
    EXPECT_EQ(answer_to("hangs").error().code, ErrorCode::deadline_exceeded);
}

TEST_F(WorkerPoolTest, ReplacesASilentWorkerAndKeepsOneThatBeats) {
    config_.workers.silent_ms = 400;
    open();
    auto silent = worker("silent");
    submit_text("t");
    EXPECT_EQ(silent->next_task().text(), "t");
    auto alive = worker("alive");
    EXPECT_THAT(alive->answer_all(1), ElementsAre("t"));
    expect_own_answer("t");
    EXPECT_THAT(running_.on_loop([&] { return kills_; }), ElementsAre(Pair("silent", "silent")));
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

// A worker that was dropped, or that was there before this bgmd: it is asked what it can do.
TEST_F(WorkerPoolTest, AsksAWorkerThatItDoesNotKnowToIntroduceItself) {
    open();
    auto lost = worker("w");
    running_.on_loop([&] { pool_->worker_ended("w"); });
    lost->beat();
    const auto message = lost->next();
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->message.has_introduce());
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

TEST_F(WorkerPoolTest, TakesAHelloAsTheEndOfAnEarlierProcessOfThatName) {
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
TEST_F(WorkerPoolTest, LeavesAWorkerThatSaysHelloAgainWhatItHas) {
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

TEST_F(WorkerPoolTest, TakesAHelloWithAnotherPidAsAnotherProcess) {
    config_.dispatch.poison_after = 1;
    open();
    auto one = worker("w");
    submit_text("poison");
    EXPECT_EQ(one->next_task().text(), "poison");
    one->introduce(4242);
    EXPECT_EQ(answer_to("poison").error().code, ErrorCode::corrupt) << "the process that had it is gone";
}

TEST_F(WorkerPoolTest, IgnoresAWorkerThatOffersNothing) {
    open();
    FakeWorker no_modality(config_.workers.endpoint, "w1", {.modalities = {"smell"}});
    FakeWorker no_credit(config_.workers.endpoint, "w2", {.credits = 0});
    auto good = worker("w3");
    submit_text("t");
    EXPECT_THAT(good->answer_all(1), ElementsAre("t"));
    EXPECT_EQ(running_.on_loop([&] { return pool_->workers().size(); }), 1U);
}

TEST_F(WorkerPoolTest, RetiresAWorkerThatHasGrownTooLarge) {
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

// A worker that is to take the place of another gets nothing before it is told to.
TEST_F(WorkerPoolTest, GivesAWorkerInStandbyItsFirstTaskOnceItIsActivated) {
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

TEST_F(WorkerPoolTest, GivesTheTasksOfARetiredWorkerThatDiesToOthers) {
    open();
    auto old = worker("old", {.credits = 2});
    submit_text("1");
    submit_text("2");
    EXPECT_EQ(in_flight("old"), 2U);
    auto fresh = worker("new", {.credits = 2});
    running_.on_loop([&] {
        pool_->retire("old");
        pool_->worker_ended("old");
    });
    EXPECT_THAT(fresh->answer_all(2), ElementsAre("1", "2"));
    expect_own_answer("1");
    expect_own_answer("2");
}

// In standby it is not there for whoever waits: patience runs out as if there were nobody.
TEST_F(WorkerPoolTest, DoesNotCountAWorkerInStandbyAsServing) {
    config_.dispatch.no_worker_ms = 1;
    open();
    admit_in_standby("new");
    auto fresh = worker("new");
    submit_text("a");
    const TaskAnswer failed = answer_to("a");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
}

TEST_F(WorkerPoolTest, PublishesTheModelsThatAnswerAndHowOftenTheyRemembered) {
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

TEST_F(WorkerPoolTest, SendsAWorkerAwayThatBringsABrokenHead) {
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
TEST_F(WorkerPoolTest, GivesATaskToAnotherWorkerWhereTheFirstHasHungUp) {
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
