// Whose fault it is when a worker dies: only a task that was alone with it is blamed, a suspect waits behind
// everybody, one at a time and alone, and nothing is lost in whatever order workers come, answer, die and go.
#include <random>

#include "tests/daemon/fleet/scheduler_fixture.hpp"

namespace bgm {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using SchedulerBlameTest = testing::SchedulerFixture;

TEST_F(SchedulerBlameTest, GivesTheTasksOfADeadWorkerToAnother) {
    join("w1", {.credits = 3});
    for (const char* text : {"a", "b", "c"})
        submit(text);
    EXPECT_TRUE(die("w1"));
    join("w2");
    EXPECT_THAT(answer_all("w2", 3), ElementsAre("a", "b", "c"));
}

TEST_F(SchedulerBlameTest, SaysWhetherATaskWasWithAWorkerThatLeft) {
    join("idle");
    EXPECT_FALSE(die("idle"));
    EXPECT_FALSE(die("nobody"));
    join("busy");
    scheduler_.cancel(submit("t"));
    EXPECT_TRUE(die("busy")) << "also where nobody waits for the answer any more";
}

TEST_F(SchedulerBlameTest, GivesUpATaskThatKilledTwoWorkersAndSparesTheOthers) {
    submit("poison");
    join("w1", {.credits = 3});
    die("w1");
    submit("innocent");
    submit("behind");
    join("w2", {.credits = 3});
    EXPECT_THAT(answer_all("w2", 2), ElementsAre("innocent", "behind"))
        << "a suspect lets the others go first";
    EXPECT_THAT(with("w2"), ElementsAre("poison"));
    submit("next");
    EXPECT_THAT(with("w2"), ElementsAre("poison")) << "a suspect runs alone";
    die("w2");
    EXPECT_THAT(ended_, ElementsAre(Pair("poison", ErrorCode::corrupt)));
    join("w3", {.credits = 3});
    EXPECT_THAT(with("w3"), ElementsAre("next"));
}

// The first may have been done with, its answer lost with the worker; the last may have been read ahead. So
// none of several is blamed, and they find out one by one.
TEST_F(SchedulerBlameTest, BlamesNoneOfSeveralThatAWorkerDiedWithAndTriesThemOneByOne) {
    config_.dispatch.poison_after = 1;
    for (const char* text : {"answered too late", "poison", "behind"})
        submit(text);
    join("w1", {.credits = 3});
    die("w1");
    join("w2", {.credits = 3});
    EXPECT_THAT(with("w2"), ElementsAre("answered too late"));
    answer("w2");
    EXPECT_THAT(with("w2"), ElementsAre("poison"));
    die("w2");
    EXPECT_THAT(ended_, ElementsAre(Pair("poison", ErrorCode::corrupt))) << "it was alone";
    join("w3", {.credits = 3});
    EXPECT_THAT(with("w3"), ElementsAre("behind"));
}

// Deaths come in swarms: after one the next tasks go one by one too, so that it is known at once which of
// them kills.
TEST_F(SchedulerBlameTest, SendsTasksOneByOneForSomeTimeAfterADeath) {
    join("w1", {.credits = 3});
    submit("poison");
    die("w1");
    join("w2", {.credits = 3});
    answer("w2");
    int one_by_one = 0;
    for (; one_by_one < 1000; ++one_by_one) {
        submit("a");
        submit("b");
        const bool alone = scheduler_.held("w2") == 1;
        EXPECT_THAT(answer_all("w2", 2), ElementsAre("a", "b"));
        if (!alone) break;
    }
    EXPECT_GT(one_by_one, 10);
    EXPECT_LT(one_by_one, 1000) << "not for ever";
}

TEST_F(SchedulerBlameTest, LeavesNobodyBlamedWhereAWorkerIsSentAway) {
    config_.dispatch.poison_after = 1;
    join("w1");
    submit("t");
    EXPECT_TRUE(scheduler_.leave("w1", false));
    join("w2", {.credits = 2});
    submit("u");
    EXPECT_THAT(with("w2"), ElementsAre("t", "u"));
}

// What a task has done to workers is known to whoever submits it: it does not become innocent by being
// submitted anew, however the first submission ended.
TEST_F(SchedulerBlameTest, CountsTheDeathsOfATaskThatIsSubmittedAgain) {
    const TaskRequest request{.modality = Modality::text, .text = "poison", .lang = {}, .load_media = {}};
    scheduler_.cancel(submit(request));
    submit(request);
    join("w1");
    die("w1");
    EXPECT_EQ(*request.deaths, 1);
    join("w2");
    die("w2");
    EXPECT_THAT(ended_, ElementsAre(Pair("poison", ErrorCode::corrupt)));
    ended_.clear();
    join("w3");
    submit(request);
    EXPECT_THAT(ended_, ElementsAre(Pair("poison", ErrorCode::corrupt))) << "no third worker dies";
}

TEST_F(SchedulerBlameTest, LetsEverybodyGoBeforeASuspectOfTheSameKind) {
    submit("live suspect", false, 1);
    submit("backfill suspect", true, 1);
    submit("backfill", true);
    submit("live");
    join("w", {.credits = 4});
    EXPECT_THAT(with("w"), ElementsAre("live", "backfill"))
        << "nothing is sent behind a suspect, and no suspect behind anything";
    EXPECT_THAT(answer_all("w", 4), ElementsAre("live", "backfill", "live suspect", "backfill suspect"));
}

// One suspect at a time: however many there are, the other workers are there for the others.
TEST_F(SchedulerBlameTest, HasOneSuspectAtATimeTried) {
    join("w1", {.credits = 2});
    join("w2", {.credits = 2});
    for (const char* text : {"s1", "s2", "s3"})
        submit(text, false, 1);
    EXPECT_THAT(with("w1"), ElementsAre("s1"));
    for (const char* text : {"a", "b", "c"})
        submit(text);
    EXPECT_THAT(with("w1"), ElementsAre("s1"));
    EXPECT_THAT(with("w2"), ElementsAre("a", "b"));
}

// Every post must end: a suspect that has waited long has a worker kept free for it, whatever else waits.
TEST_F(SchedulerBlameTest, TriesASuspectAfterSomeTimeHoweverManyWait) {
    join("w");
    submit("0");
    submit("suspect", false, 1);
    for (int i = 1; i < 1000 && with("w").front() != "suspect"; ++i) {
        submit(std::to_string(i));
        now_ += 100ms;
        answer("w");
    }
    EXPECT_THAT(with("w"), ElementsAre("suspect"));
    EXPECT_THAT(answered_, SizeIs(::testing::Gt(50)));
    now_ += 1s;
    submit("another suspect", false, 1);
    now_ += 30s;
    submit("b");
    answer("w");
    EXPECT_NE(with("w").front(), "another suspect") << "the others have their time first";
}

// The same file in many posts: what it did to workers in one of them is known of all of them.
TEST_F(SchedulerBlameTest, KillsNoWorkerWithMediaThatIsKnownToKill) {
    const WorkerOffer offer{.credits = 2, .modalities = {Modality::image}};
    submit(picture("first"));
    submit(picture("second"));
    join("w1", offer);
    read(1, "deadly");
    read(1, "deadly");
    die("w1");
    join("w2", offer);
    read(1, "deadly");
    die("w2");
    join("w3", offer);
    read(1, "deadly");
    EXPECT_THAT(with("w3"), IsEmpty()) << "the second is a suspect unseen";
    read(1, "deadly");
    EXPECT_THAT(with("w3"), ElementsAre("first"));
    die("w3");
    join("w4", offer);
    read(1, "deadly");
    EXPECT_THAT(with("w4"), IsEmpty());
    EXPECT_THAT(ended_, ElementsAre(Pair("first", ErrorCode::corrupt), Pair("second", ErrorCode::corrupt)));
    scheduler_.forgive();
    submit(picture("again"));
    read(1, "deadly");
    EXPECT_THAT(with("w4"), ElementsAre("again")) << "an operator may ask for another try";
}

// Many people write the same few words: what happened to one of them condemns nobody.
TEST_F(SchedulerBlameTest, SuspectsATextThatIsKnownToKillAndTriesItAllTheSame) {
    submit("the same words", false, 1);
    join("w1");
    die("w1");
    EXPECT_THAT(ended_, ElementsAre(Pair("the same words", ErrorCode::corrupt)));
    ended_.clear();
    join("w2", {.credits = 2});
    submit("the same words");
    EXPECT_THAT(with("w2"), ElementsAre("the same words"));
    EXPECT_THAT(ended_, IsEmpty());
}

// Random walks: whatever happens in whatever order, no task is lost or answered twice, no worker has more
// than it offered, nothing is sent behind a suspect, and all that waits ends once there are workers.
class SchedulerWalkTest : public testing::SchedulerFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
    std::size_t pick(std::size_t below) { return random_() % below; }
    std::string some_worker() { return "w" + std::to_string(pick(4)); }

    void step() {
        now_ += std::chrono::milliseconds(pick(200));
        const std::string worker = some_worker();
        switch (pick(11)) {
            case 0:
            case 1:
            case 2:
                return submit_some();
            case 3:
                return read_some(pick(4) == 0);
            case 4:
            case 5:
                if (!with_[worker].empty()) answer(worker);
                return;
            case 6:
                return join_some(worker, pick(8) == 0);
            case 7:
                if (pick(4) == 0) die(worker);
                return;
            case 8:
                if (pick(4) == 0) scheduler_.retire(worker);
                return scheduler_.activate(worker);
            case 9:
                if (unreachable_.erase(worker) > 0) return scheduler_.heard(worker);
                if (pick(8) == 0) unreachable_.insert(worker);
                return;
            default:
                if (pick(8) == 0) cancel_some();
                end_leases();
        }
    }
    void submit_some() {
        const std::string text = "t" + std::to_string(last_task_ + 1);
        TaskRequest request = pick(3) == 0 ? picture(text) : TaskRequest{};
        request.text = text;
        request.backfill = pick(2) == 0;
        *request.deaths = pick(10) == 0 ? 1 : 0;
        requests_.emplace(text, request);
        submit(std::move(request));
    }
    void read_some(bool fails) {
        if (reads_.empty()) return;
        const Read next = reads_.front();
        if (!fails) return read(pick(200), "d" + std::to_string(pick(50)));
        reads_.erase(reads_.begin());
        scheduler_.media_read(next.worker, next.task, Error{.code = ErrorCode::not_found}, {});
    }
    void join_some(const std::string& worker, bool standby) {
        offers_[worker] = {.credits = 1 + pick(4),
                           .modalities = pick(2) == 0
                                             ? std::set{Modality::text, Modality::image}
                                             : std::set{pick(2) == 0 ? Modality::text : Modality::image},
                           .credit_bytes = 100 + pick(200),
                           .batch_max = 1 + pick(2),
                           .standby = standby};
        const std::size_t had = scheduler_.held(worker);
        join(worker, offers_[worker]);
        most_[worker] = std::max(had, offers_[worker].credits);
    }
    void cancel_some() {
        if (last_task_ == 0) return;
        const TaskId task = 1 + pick(last_task_);
        scheduler_.cancel(task);
        if (!ended_.contains(texts_[task])) cancelled_.insert(texts_[task]);
    }
    void check() {
        for (const auto& [worker, sent] : with_) {
            EXPECT_LE(sent.size(), std::max<std::size_t>(most_[worker], 1))
                << worker << " is over its credit";
            EXPECT_LE(sent.size(), scheduler_.held(worker));
            for (std::size_t i = 0; i + 1 < sent.size(); ++i)
                EXPECT_EQ(*requests_.at(sent[i].text).deaths, 0) << "something was sent behind a suspect";
        }
    }

    bool send(const std::string& worker, TaskId task, const TaskRequest& request,
              std::optional<Frame> media) override {
        if (request.backfill && request.modality == Modality::text && *request.deaths == 0)
            expect_no_live_text_waits();
        return SchedulerFixture::send(worker, task, request, std::move(media));
    }
    void expect_no_live_text_waits() {
        std::set<std::string> elsewhere(answered_.begin(), answered_.end());
        elsewhere.insert(cancelled_.begin(), cancelled_.end());
        for (const auto& [worker, sent] : with_) {
            for (const Sent& each : sent)
                elsewhere.insert(each.text);
        }
        for (const auto& [text, request] : requests_) {
            if (request.backfill || request.modality != Modality::text || *request.deaths > 0) continue;
            EXPECT_TRUE(elsewhere.contains(text) || ended_.contains(text))
                << text << " waits behind backfill";
        }
    }

    std::mt19937 random_{GetParam()};
    std::map<std::string, TaskRequest> requests_;
    std::map<std::string, WorkerOffer> offers_;
    std::map<std::string, std::size_t> most_;
    std::set<std::string> cancelled_;
};

TEST_P(SchedulerWalkTest, LosesNoTaskAndGivesNoWorkerTooMuch) {
    for (int i = 0; i < 3000 && !HasFailure(); ++i) {
        step();
        check();
    }
    // Now all goes well: what is left ends.
    unreachable_.clear();
    for (int i = 0; i < 4; ++i)
        die("w" + std::to_string(i));
    join("good", {.credits = 2, .modalities = {Modality::text, Modality::image}});
    for (std::size_t i = 0; i < 10 * last_task_; ++i) {
        if (!with("good").empty()) {
            answer("good");
        } else if (!reads_.empty()) {
            read(1, "harmless");
        } else {
            break;
        }
    }
    std::map<std::string, int> ends;
    for (const std::string& text : answered_)
        ++ends[text];
    for (const auto& [text, code] : ended_)
        ++ends[text];
    for (const auto& [task, text] : texts_) {
        if (cancelled_.contains(text)) {
            EXPECT_LE(ends[text], 1) << text;
        } else {
            EXPECT_EQ(ends[text], 1) << text << (ends[text] == 0 ? " was lost" : " ended twice");
        }
    }
    for (const auto& counts : scheduler_.counts()) {
        EXPECT_EQ(counts.waiting, 0U);
        EXPECT_EQ(counts.in_flight, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulerWalkTest, ::testing::Range(1U, 101U));

}  // namespace
}  // namespace bgm
