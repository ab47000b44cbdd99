// Who gets which task, without sockets, files or a clock: credits in tasks and in bytes, the order of the
// lines, leases, and what becomes of tasks whose workers go.
#include "tests/daemon/fleet/scheduler_fixture.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using SchedulerTest = testing::SchedulerFixture;

TEST_F(SchedulerTest, GivesAWorkerNoMoreTasksThanItOffersToTake) {
    join("w", {.credits = 2});
    for (const char* text : {"1", "2", "3", "4"})
        submit(text);
    EXPECT_THAT(with("w"), ElementsAre("1", "2"));
    answer("w");
    EXPECT_THAT(with("w"), ElementsAre("2", "3")) << "an answer gives one credit back";
}

TEST_F(SchedulerTest, ServesLiveTasksBeforeBackfill) {
    submit("b1", true);
    submit("l1");
    submit("b2", true);
    submit("l2");
    join("w");
    EXPECT_THAT(answer_all("w", 4), ElementsAre("l1", "l2", "b1", "b2"));
}

TEST_F(SchedulerTest, SharesTasksAmongWorkersOfTheModality) {
    join("w1", {.credits = 4});
    join("w2", {.credits = 4});
    join("w3", {.credits = 4, .modalities = {Modality::image}});
    for (int i = 0; i < 4; ++i)
        submit("t" + std::to_string(i));
    EXPECT_EQ(scheduler_.held("w1"), 2U);
    EXPECT_EQ(scheduler_.held("w2"), 2U);
    EXPECT_EQ(scheduler_.held("w3"), 0U);
    EXPECT_EQ(scheduler_.ready(Modality::text), 2U);
    EXPECT_EQ(scheduler_.ready(Modality::audio), 0U);
    const auto counts = scheduler_.counts();
    EXPECT_EQ(counts[0].in_flight, 4U);
    EXPECT_EQ(counts[0].waiting, 0U);
}

TEST_F(SchedulerTest, TakesAnAnswerOnceAndOnlyFromWhomItAsked) {
    join("w1");
    join("w2");
    const TaskId task = submit("t");
    EXPECT_FALSE(scheduler_.answered("w2", task));
    EXPECT_FALSE(scheduler_.answered("nobody", task));
    EXPECT_TRUE(scheduler_.answered("w1", task));
    EXPECT_FALSE(scheduler_.answered("w1", task));
}

TEST_F(SchedulerTest, HasMediaReadOnlyWhenAWorkerIsThereToTakeIt) {
    submit(picture("i"));
    EXPECT_THAT(reads_, IsEmpty());
    join("w", {.modalities = {Modality::image}});
    ASSERT_THAT(reads_, SizeIs(1));
    EXPECT_EQ(scheduler_.held("w"), 1U) << "the credit is held";
    EXPECT_THAT(with("w"), IsEmpty());
    read(5);
    EXPECT_THAT(with("w"), ElementsAre("i"));
}

TEST_F(SchedulerTest, EndsATaskWhoseMediaCannotBeRead) {
    join("w", {.modalities = {Modality::image}});
    submit(picture("gone"));
    submit(picture("there"));
    scheduler_.media_read("w", reads_.front().task, Error{.code = ErrorCode::not_found}, {});
    EXPECT_THAT(ended_, ElementsAre(Pair("gone", ErrorCode::not_found)));
    reads_.erase(reads_.begin());
    read(1);
    EXPECT_THAT(with("w"), ElementsAre("there")) << "it took no credit";
}

// A disk may hang: neither the post nor the worker waits for it longer than for a worker that hangs.
TEST_F(SchedulerTest, EndsATaskWhoseMediaIsNotReadWithinALease) {
    config_.dispatch.image_deadline_ms = 100;
    join("w", {.credits = 2, .modalities = {Modality::image, Modality::text}});
    const TaskId hanging = submit(picture("hangs"));
    submit(picture("there"));
    now_ += 100ms;
    scheduler_.end_reads();
    EXPECT_THAT(ended_, IsEmpty());
    now_ += 1ms;
    scheduler_.end_reads();
    EXPECT_THAT(ended_, ElementsAre(Pair("hangs", ErrorCode::deadline_exceeded)));
    ASSERT_THAT(reads_, SizeIs(2)) << "the worker's next";
    reads_.erase(reads_.begin());
    scheduler_.media_read("w", hanging, Frame(std::string("late")), {});
    read(1);
    EXPECT_THAT(with("w"), ElementsAre("there"));
    now_ += 1ms;
    scheduler_.end_reads();
    EXPECT_THAT(ended_, SizeIs(1)) << "what has been read is a matter of the worker's lease";
}

// Credits count tasks; what a worker holds must fit its memory all the same.
TEST_F(SchedulerTest, SendsAWorkerNoMoreBytesThanItOffersToTakeAndAlwaysOneTask) {
    join("w", {.credits = 32, .modalities = {Modality::image}, .credit_bytes = 100});
    for (const char* text : {"60", "40", "1", "1000", "50"})
        submit(picture(text));
    for (const std::size_t bytes : {60U, 40U, 1U})
        read(bytes);
    EXPECT_THAT(with("w"), ElementsAre("60", "40"));
    EXPECT_EQ(scheduler_.held("w"), 3U);
    EXPECT_THAT(reads_, IsEmpty()) << "one waits with its bytes; what lies behind it is not read";
    answer("w");
    EXPECT_THAT(with("w"), ElementsAre("40", "1"));
    read(1000);
    answer("w");
    EXPECT_THAT(with("w"), ElementsAre("1"));
    answer("w");
    EXPECT_THAT(with("w"), ElementsAre("1000")) << "larger than all of the budget: alone";
}

TEST_F(SchedulerTest, GivesWhatWasReadForAWorkerThatRetiresToAnother) {
    join("old", {.credits = 4, .modalities = {Modality::image}, .credit_bytes = 100});
    submit(picture("1"));
    submit(picture("2"));
    read(80);
    read(80);
    join("new", {.credits = 4, .modalities = {Modality::image}});
    scheduler_.retire("old");
    read(80);
    EXPECT_THAT(with("new"), ElementsAre("2"));
    EXPECT_THAT(with("old"), ElementsAre("1")) << "it keeps what it has";
}

TEST_F(SchedulerTest, ReadsMediaAgainWhereTheWorkerWentMeanwhile) {
    config_.dispatch.poison_after = 1;
    join("w1", {.modalities = {Modality::image}});
    submit(picture("innocent"));
    EXPECT_FALSE(die("w1")) << "nothing was with it";
    read(1);
    join("w2", {.modalities = {Modality::image}});
    read(1);
    EXPECT_THAT(with("w2"), ElementsAre("innocent"));
    EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(SchedulerTest, ForgetsWhatIsCancelledWhereverItIs) {
    join("w", {.modalities = {Modality::text, Modality::image}});
    const TaskId with_worker = submit("with the worker");
    const TaskId waiting = submit("waiting");
    submit("last");
    scheduler_.cancel(with_worker);
    scheduler_.cancel(waiting);
    scheduler_.cancel(waiting);
    EXPECT_EQ(scheduler_.held("w"), 1U) << "the worker is busy with it all the same";
    answer("w");
    EXPECT_THAT(with("w"), ElementsAre("last")) << "its answer gives the credit back";
    answer("w");
    scheduler_.cancel(submit(picture("being read")));
    submit("next");
    EXPECT_THAT(with("w"), IsEmpty());
    read(1);
    EXPECT_THAT(with("w"), ElementsAre("next"));
    EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(SchedulerTest, TriesAnotherWorkerWhereNothingLeadsToTheFirst) {
    join("a", {.credits = 2});
    join("b", {.credits = 2});
    unreachable_ = {"a"};
    submit("t");
    EXPECT_THAT(with("b"), ElementsAre("t"));
    EXPECT_EQ(scheduler_.ready(Modality::text), 1U);
    unreachable_.clear();
    scheduler_.heard("a");
    EXPECT_EQ(scheduler_.ready(Modality::text), 2U) << "it has connected again";
    submit("u");
    EXPECT_THAT(with("a"), ElementsAre("u"));
}

TEST_F(SchedulerTest, LeavesAWorkerThatJoinsAgainWhatItHas) {
    join("w", {.credits = 2});
    for (const char* text : {"a", "b", "c"})
        submit(text);
    join("w", {.credits = 2});
    EXPECT_THAT(with("w"), ElementsAre("a", "b"));
    EXPECT_THAT(answer_all("w", 3), ElementsAre("a", "b", "c"));
}

TEST_F(SchedulerTest, GivesAWorkerInStandbyItsFirstTaskOnceItIsActivated) {
    join("old");
    join("new", {.standby = true});
    submit("1");
    submit("2");
    EXPECT_EQ(scheduler_.ready(Modality::text), 1U);
    EXPECT_THAT(with("new"), IsEmpty());
    scheduler_.activate("new");
    EXPECT_THAT(with("new"), ElementsAre("2"));
    scheduler_.retire("old");
    submit("3");
    answer("old");
    EXPECT_THAT(with("old"), IsEmpty());
    answer("new");
    EXPECT_THAT(with("new"), ElementsAre("3"));
}

TEST_F(SchedulerTest, EndsALeaseThatIsOver) {
    config_.dispatch.text_deadline_ms = 60;
    join("w1", {.credits = 2});
    submit("slow");
    submit("behind");
    now_ += 60ms;
    EXPECT_THAT(end_leases(), IsEmpty());
    now_ += 1ms;
    EXPECT_THAT(end_leases(), ElementsAre("w1"));
    EXPECT_THAT(ended_, ElementsAre(Pair("slow", ErrorCode::deadline_exceeded)));
    join("w2", {.credits = 2});
    EXPECT_THAT(with("w2"), ElementsAre("behind")) << "it only stood behind the slow one";
}

TEST_F(SchedulerTest, DoesNotLetTheLeaseRunWhileMediaIsRead) {
    config_.dispatch.image_deadline_ms = 60;
    join("w", {.modalities = {Modality::image}});
    submit(picture("i"));
    now_ += 1000ms;
    EXPECT_THAT(end_leases(), IsEmpty());
    read(1);
    EXPECT_THAT(end_leases(), IsEmpty());
    now_ += 61ms;
    EXPECT_THAT(end_leases(), ElementsAre("w"));
}

// A worker may answer out of order: what overtakes the oldest task says nothing about that one.
TEST_F(SchedulerTest, LetsTheLeaseOfTheOldestTaskRunWhileOthersOvertakeIt) {
    config_.dispatch.text_deadline_ms = 60;
    join("w", {.credits = 2});
    submit("hangs");
    const TaskId quick = submit("quick");
    now_ += 50ms;
    EXPECT_TRUE(scheduler_.answered("w", quick));
    now_ += 11ms;
    EXPECT_THAT(end_leases(), ElementsAre("w"));
    EXPECT_THAT(ended_, ElementsAre(Pair("hangs", ErrorCode::deadline_exceeded)));
}

TEST_F(SchedulerTest, StartsTheLeaseOfTheNextWithTheAnswerBeforeIt) {
    config_.dispatch.text_deadline_ms = 60;
    join("w", {.credits = 2});
    submit("a");
    submit("b");
    now_ += 50ms;
    answer("w");
    now_ += 50ms;
    EXPECT_THAT(end_leases(), IsEmpty());
    now_ += 11ms;
    EXPECT_THAT(end_leases(), ElementsAre("w"));
}

// Of a batch nobody knows which task was the slow one: each gets another chance, alone.
TEST_F(SchedulerTest, StartsTheLeaseOfWhatHasALongWayWhenItHasCome) {
    config_.dispatch.image_deadline_ms = 1000;
    join("far", {.credits = 2, .modalities = {Modality::image}, .credit_bytes = 8 << 20, .receipts = true});
    const TaskId first = submit(picture("first"));
    const TaskId second = submit(picture("second"));
    const std::size_t bytes = 1 << 20;
    read(bytes);
    read(bytes);
    ASSERT_THAT(with("far"), ElementsAre("first", "second"));
    now_ += 20'000ms;
    EXPECT_THAT(end_leases(), IsEmpty()) << "on its way";
    scheduler_.received("far", first);
    now_ += 1000ms;
    EXPECT_THAT(end_leases(), IsEmpty());
    answer("far");
    now_ += 10'000ms;
    EXPECT_THAT(end_leases(), IsEmpty()) << "the second is still on its way";
    scheduler_.received("far", second);
    scheduler_.received("far", second);
    now_ += 1001ms;
    EXPECT_THAT(end_leases(), ElementsAre("far"));
    EXPECT_THAT(ended_, ElementsAre(Pair("second", ErrorCode::deadline_exceeded)));
}

// Or it could hold what it has for ever, by saying nothing.
TEST_F(SchedulerTest, GivesUpWhatIsOnItsWayForLongerThanTheSlowestWayTakes) {
    config_.dispatch.image_deadline_ms = 1000;
    join("far", {.modalities = {Modality::image}, .credit_bytes = 8 << 20, .receipts = true});
    submit(picture("lost"));
    read(10 * Scheduler::kSlowestBytesPerSecond);
    now_ += 11'000ms;
    EXPECT_THAT(end_leases(), IsEmpty());
    now_ += 1ms;
    EXPECT_THAT(end_leases(), ElementsAre("far"));
}

TEST_F(SchedulerTest, TriesTheTasksOfASlowBatchAgainOneByOne) {
    config_.dispatch.text_deadline_ms = 60;
    join("w1", {.credits = 2, .batch_max = 2});
    submit("a");
    submit("b");
    now_ += 61ms;
    EXPECT_THAT(end_leases(), ElementsAre("w1"));
    EXPECT_THAT(ended_, IsEmpty());
    join("w2", {.credits = 2, .batch_max = 2});
    EXPECT_THAT(with("w2"), ElementsAre("a"));
    now_ += 61ms;
    EXPECT_THAT(end_leases(), ElementsAre("w2"));
    EXPECT_THAT(ended_, ElementsAre(Pair("a", ErrorCode::deadline_exceeded))) << "now it is known";
    join("w3", {.credits = 2, .batch_max = 2});
    EXPECT_THAT(with("w3"), ElementsAre("b"));
}

TEST_F(SchedulerTest, GivesUpAModalityThatNobodyServes) {
    config_.dispatch.no_worker_ms = 50;
    const auto give_up = [this] {
        scheduler_.give_up([](Modality) { return Error{.code = ErrorCode::unavailable}; });
    };
    join("w", {.standby = true});
    submit("live");
    submit("backfill", true);
    submit("suspect", false, 1);
    now_ += 50ms;
    give_up();
    EXPECT_THAT(ended_, IsEmpty());
    now_ += 1ms;
    give_up();
    EXPECT_THAT(ended_, SizeIs(3)) << "one in standby serves nobody";
    scheduler_.activate("w");
    scheduler_.retire("w");
    submit("patient");
    now_ += 1000ms;
    give_up();
    EXPECT_THAT(ended_, SizeIs(3)) << "one that retires stays in its place until another is there";
}

}  // namespace
}  // namespace bgm
