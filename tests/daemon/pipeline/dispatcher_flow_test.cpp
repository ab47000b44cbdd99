// The dispatcher alone, beside a journal: who is let into the window, which revision counts, what is tried
// again and when, what dies, and what is found again. The test plays workers, fetcher and recommender, and
// sets the clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/pipeline/dispatcher.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"
#include "tests/daemon/pipeline/fake_analysts.hpp"

namespace bgm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::done_in;
using ::testing::ElementsAre;
using testing::FakeAnalysts;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::JournalFile;
using testing::open_journal;
using testing::posts_in_state;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::uint32_t kAttempts = 5;
constexpr int kDead = 4;

class DispatcherFlow : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.dispatch.window = 4;
        journal_ =
            open_journal(file(), metrics_,
                         {.queue_bytes_max = 1 << 20, .commit_batch = 16, .retry_delay = milliseconds(1)});
        ASSERT_NE(journal_, nullptr);
        auto media = MediaStore::open(folder_.path() / "media", {});
        ASSERT_TRUE(media) << media.error().to_string();
        media_ = std::move(*media);
    }
    void TearDown() override {
        running_.stop();
        media_.reset();
        journal_.reset();
    }

    std::filesystem::path file() const { return folder_.path() / "journal.sqlite"; }

    void open() {
        dispatcher_ = std::make_unique<Dispatcher>(
            config_, running_.loop(), *journal_, *media_, analysts_.hands(), metrics_,
            [this](Decision decision) { decided_.push_back(std::move(decision)); },
            [this] {
                ++looks_at_the_clock_;
                return now_;
            });
        running_.start();
    }

    template <typename Function>
    auto on_loop(Function function) {
        return running_.on_loop(std::move(function));
    }

    static v1::Post made(const std::string& text, bool backfill = false) {
        v1::Post post;
        post.set_tenant("t");
        post.set_post_id(text);
        post.set_text(text);
        post.set_priority(backfill ? v1::BACKFILL : v1::LIVE);
        return post;
    }
    /// Durable; bytes of other content are another revision.
    AcceptedPost durable(const v1::Post& post, const std::string& bytes, const std::string& media = "") {
        Acceptance accepted;
        EXPECT_TRUE(done_in(
            *journal_,
            [&](JournalStore& store) -> Status {
                auto done = store.accept({.tenant = "t",
                                          .post_id = post.post_id(),
                                          .priority = post.priority(),
                                          .content_hash = bytes,
                                          .post = bytes,
                                          .media = media},
                                         1);
                if (!done) return done.error();
                accepted = *done;
                return ok_status();
            },
            Journal::Urgency::intake));
        return {.seq = accepted.seq, .revision = accepted.revision, .post = post, .media = media};
    }
    AcceptedPost durable(const v1::Post& post) { return durable(post, post.SerializeAsString()); }
    void accept(const v1::Post& post) {
        AcceptedPost accepted = durable(post);
        on_loop([&] { dispatcher_->accept(std::move(accepted)); });
    }

    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }
    /// The open tasks, now.
    std::vector<std::string> texts() {
        return on_loop([this] { return analysts_.texts(); });
    }
    void answer(const std::string& text) {
        EXPECT_TRUE(eventually([&] { return analysts_.answer(text); })) << text << " is asked of no worker";
    }
    void fail(const std::string& text, ErrorCode code) {
        EXPECT_TRUE(eventually([&] { return analysts_.fail(text, code); }))
            << text << " is asked of no worker";
    }
    void advance(milliseconds time) {
        on_loop([&] { now_ += time; });
    }
    /// The dispatcher's timer has seen what is.
    void tick() {
        const int before = on_loop([this] { return looks_at_the_clock_; });
        EXPECT_TRUE(eventually([&] { return looks_at_the_clock_ > before + 1; }));
    }
    bool waits() {
        return eventually([this] { return dispatcher_->active() == 1 && dispatcher_->running() == 0; });
    }
    /// The first decision; it is taken away.
    Decision decision() {
        EXPECT_TRUE(eventually([this] { return !decided_.empty(); }));
        return on_loop([this] {
            if (decided_.empty()) return Decision{};
            Decision first = std::move(decided_.front());
            decided_.erase(decided_.begin());
            return first;
        });
    }
    std::int64_t in_state(int state) const { return posts_in_state(file(), state); }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    RunningLoop running_;
    FakeAnalysts analysts_{running_.loop()};
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<Dispatcher> dispatcher_;
    // The loop's thread's:
    std::vector<Decision> decided_;
    Dispatcher::Clock::time_point now_ = Dispatcher::Clock::now();
    int looks_at_the_clock_ = 0;
};

TEST_F(DispatcherFlow, LetsInAsManyPostsAsTheWindowHoldsAndTheOthersAfterThem) {
    open();
    for (const auto* text : {"a", "b", "c", "d", "e", "f"})
        accept(made(text));
    EXPECT_THAT(texts(), ElementsAre("a", "b", "c", "d"));
    answer("b");
    EXPECT_EQ(decision().pick->post_id(), "b");
    EXPECT_TRUE(eventually([this] { return analysts_.tasks.size() == 4; }));
    EXPECT_THAT(texts(), ElementsAre("a", "c", "d", "e"));
    for (const auto* text : {"a", "c", "d", "e", "f"})
        answer(text);
    EXPECT_TRUE(eventually([this] { return decided_.size() == 5; }));
    EXPECT_EQ(on_loop([this] { return dispatcher_->active(); }), 0U);
}

TEST_F(DispatcherFlow, KeepsHalfOfTheWindowFreeOfBackfill) {
    open();
    for (const auto* text : {"old 1", "old 2", "old 3"})
        accept(made(text, true));
    EXPECT_THAT(texts(), ElementsAre("old 1", "old 2"));
    for (const auto* text : {"new 1", "new 2", "new 3"})
        accept(made(text));
    EXPECT_THAT(texts(), ElementsAre("old 1", "old 2", "new 1", "new 2"));
    EXPECT_TRUE(on_loop([this] { return analysts_.tasks.front().request.backfill; }));
    EXPECT_FALSE(on_loop([this] { return analysts_.tasks.back().request.backfill; }));
}

TEST_F(DispatcherFlow, CountsThePostsBytesToo) {
    config_.dispatch.window = 100;
    config_.dispatch.window_bytes = 6'000;  // one large post of them, however little is left, then no other
    open();
    accept(made(std::string(3'000, 'a')));
    accept(made("b"));
    EXPECT_THAT(texts(), SizeIs(1));
    answer(std::string(3'000, 'a'));
    answer("b");
}

TEST_F(DispatcherFlow, FindsLivePostsInTheJournalBeforeBackfill) {
    open();
    on_loop([this] { analysts_.catalogue = false; });
    for (const auto* text : {"old 1", "old 2", "old 3"})
        accept(made(text, true));
    for (const auto* text : {"new 1", "new 2", "new 3"})
        accept(made(text));
    tick();
    EXPECT_THAT(texts(), IsEmpty()) << "nothing goes to workers before there is a catalogue";
    on_loop([this] {
        analysts_.catalogue = true;
        dispatcher_->resume();
    });
    EXPECT_TRUE(eventually([this] { return !analysts_.tasks.empty(); }));
    EXPECT_THAT(texts(), ElementsAre("new 1", "new 2", "new 3"));
    for (const auto* text : {"new 1", "new 2", "new 3", "old 1", "old 2", "old 3"})
        answer(text);
    EXPECT_TRUE(eventually([this] { return decided_.size() == 6; }));
}

// The look has gone over its row before the post came, and finds nothing: the next one does.
TEST_F(DispatcherFlow, FindsWhatWasAcceptedWhileItLookedIntoTheJournal) {
    open();
    on_loop([this] {
        dispatcher_->resume();
        dispatcher_->accept(durable(made("late")));
    });
    answer("late");
    EXPECT_EQ(decision().pick->post_id(), "late");
}

TEST_F(DispatcherFlow, ForgetsTheOlderRevisionWhereverItIs) {
    open();
    on_loop([this] { analysts_.recommends = false; });
    v1::Post post = made("first");
    post.set_post_id("p");
    accept(post);
    auto first = on_loop([this] { return analysts_.take("first"); });  // with a worker
    ASSERT_TRUE(first);
    post.set_text("second");
    accept(post);
    EXPECT_THAT(on_loop([this] { return analysts_.cancelled; }), ElementsAre(first->id));
    on_loop([&] { first->done(analysts_.outputs(Modality::text)); });
    EXPECT_THAT(on_loop([this] { return analysts_.questions.size(); }), 0U) << "of the older one";
    answer("second");  // with the recommender
    EXPECT_EQ(on_loop([this] { return analysts_.questions.size(); }), 1U);
    post.set_text("third");
    accept(post);
    EXPECT_THAT(on_loop([this] { return analysts_.dropped; }), SizeIs(2));
    on_loop([this] {
        auto question = FakeAnalysts::take(analysts_.questions);
        question.on_pick(question.pick);
        analysts_.recommends = true;
    });
    answer("third");
    EXPECT_EQ(decision().pick->revision(), 3U);
    EXPECT_TRUE(on_loop([this] { return decided_.empty() && dispatcher_->active() == 0; }));
}

TEST_F(DispatcherFlow, ForgetsWhatIsFetchedForAnOlderRevision) {
    open();
    v1::Post post = made("first");
    post.set_post_id("p");
    post.clear_text();
    v1::Asset& asset = *post.add_assets();
    asset.set_kind(v1::Asset::IMAGE);
    asset.set_uri("https://example.org/cover");
    accept(post);
    auto fetch = on_loop([this] { return FakeAnalysts::take(analysts_.fetches); });
    EXPECT_EQ(fetch.request.uri, asset.uri());
    asset.set_uri("https://example.org/another");
    accept(post);
    fetch.done(std::make_shared<const std::string>("a picture"));
    EXPECT_THAT(texts(), IsEmpty()) << "no worker gets it";
    on_loop([this] {
        FakeAnalysts::take(analysts_.fetches).done(std::make_shared<const std::string>("a picture"));
    });
    answer("");
    EXPECT_EQ(decision().revision, 2U);
}

// 1, 2, 4 and 8 seconds after it has failed, and after five attempts no more.
TEST_F(DispatcherFlow, TriesAgainWhatMayHealLaterAndLater) {
    open();
    accept(made("p"));
    for (std::uint32_t attempt = 1; attempt < kAttempts; ++attempt) {
        SCOPED_TRACE(attempt);
        fail("p", ErrorCode::internal);
        EXPECT_TRUE(waits());
        const milliseconds delay = seconds(1 << (attempt - 1));
        advance(delay - milliseconds(1));
        tick();
        EXPECT_THAT(texts(), IsEmpty()) << "too early";
        advance(milliseconds(1));
        EXPECT_TRUE(eventually([this] { return analysts_.tasks.size() == 1; }));
    }
    fail("p", ErrorCode::internal);
    const Decision dead = decision();
    ASSERT_TRUE(dead.dead);
    EXPECT_EQ(dead.dead->attempts(), kAttempts);
    EXPECT_EQ(dead.dead->code(), "internal");
}

TEST_F(DispatcherFlow, WaitsHoweverLongForAWorkerThatIsAway) {
    open();
    accept(made("p"));
    for (std::uint32_t attempt = 0; attempt < 3 * kAttempts; ++attempt) {
        fail("p", ErrorCode::unavailable);
        EXPECT_TRUE(waits());
        advance(seconds(30));
    }
    fail("p", ErrorCode::unavailable);
    EXPECT_TRUE(waits());
    on_loop([this] { analysts_.ready[Modality::audio] = 1; });
    tick();
    EXPECT_THAT(texts(), IsEmpty()) << "it is another worker";
    on_loop([this] { analysts_.ready[Modality::text] = 1; });
    answer("p");  // the clock stands still: it is there as soon as the worker is
    EXPECT_TRUE(decision().pick);
}

TEST_F(DispatcherFlow, DoesNotTryAgainWhatTookTooLongOrIsWrong) {
    open();
    for (const ErrorCode code : {ErrorCode::deadline_exceeded, ErrorCode::corrupt, ErrorCode::unsupported}) {
        SCOPED_TRACE(name(code));
        const std::string text(name(code));
        accept(made(text));
        fail(text, code);
        const Decision made = decision();
        ASSERT_TRUE(made.dead);
        EXPECT_EQ(made.dead->code(), name(code));
        EXPECT_EQ(made.dead->attempts(), 1U);
    }
}

// Its media stays: an operator may try it again.
TEST_F(DispatcherFlow, ADeadLetterSaysWhatThePostWasAndWhyItDied) {
    open();
    for (const bool dies : {false, true}) {
        SCOPED_TRACE(dies);
        const std::string folder = dies ? "of the dead" : "of the picked";
        folder_.write("media/" + folder + "/0", "a picture");
        const v1::Post post = made(dies ? "bad" : "good");
        AcceptedPost accepted = durable(post, post.SerializeAsString(), folder);
        on_loop([&] { dispatcher_->accept(std::move(accepted)); });
        dies ? fail("bad", ErrorCode::corrupt) : answer("good");
        const Decision made = decision();
        EXPECT_EQ(made.dead != nullptr, dies);
        if (!dies) {
            EXPECT_TRUE(eventually([&] { return !exists(folder_.path() / "media" / folder); }));
            continue;
        }
        EXPECT_TRUE(exists(folder_.path() / "media" / folder));
        EXPECT_EQ(made.dead->tenant(), "t");
        EXPECT_EQ(made.dead->post_id(), "bad");
        EXPECT_EQ(made.dead->stage(), "analyse");
        EXPECT_EQ(made.dead->code(), "corrupt");
        EXPECT_THAT(made.dead->message(), HasSubstr("not this one"));
        EXPECT_EQ(made.dead->post().text(), "bad");
        EXPECT_EQ(in_state(kDead), 1);
    }
}

TEST_F(DispatcherFlow, LetsNobodyInWhileItDrains) {
    open();
    accept(made("in"));
    on_loop([this] { dispatcher_->drain(); });
    accept(made("out"));
    on_loop([this] { dispatcher_->resume(); });
    tick();
    EXPECT_THAT(texts(), ElementsAre("in"));
    answer("in");
    EXPECT_EQ(decision().pick->post_id(), "in");
    EXPECT_EQ(on_loop([this] { return dispatcher_->active(); }), 0U);
    EXPECT_EQ(in_state(0), 1) << "the next start finds it";
}

TEST_F(DispatcherFlow, BuriesADamagedPostAndGoesOnWithTheOthers) {
    open();
    durable(made("damaged"), "\xff\xff\xff no protobuf");
    durable(made("good"));
    on_loop([this] { dispatcher_->resume(); });
    const Decision buried = decision();
    ASSERT_TRUE(buried.dead);
    EXPECT_EQ(buried.dead->post_id(), "damaged");
    EXPECT_EQ(buried.dead->code(), "corrupt");
    answer("good");
    EXPECT_EQ(decision().pick->post_id(), "good");
}

// It is decided anew, and in the end it is the refusal that it dies of.
TEST_F(DispatcherFlow, EndsAPostWhosePickTheJournalNeverTakes) {
    open();
    JournalFile(file()).execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON posts WHEN NEW.state NOT IN (0, 4) BEGIN SELECT "
        "RAISE(ABORT, 'no pick today'); END");
    accept(made("p"));
    for (std::uint32_t attempt = 1; attempt < kAttempts; ++attempt) {
        answer("p");
        EXPECT_TRUE(waits());
        advance(seconds(30));
    }
    answer("p");
    const Decision made = decision();
    ASSERT_TRUE(made.dead);
    EXPECT_EQ(made.dead->attempts(), kAttempts);
    EXPECT_THAT(made.dead->message(), HasSubstr("no pick today"));
    EXPECT_EQ(in_state(kDead), 1);
}

}  // namespace
}  // namespace bgm
