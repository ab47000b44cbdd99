// Delivery alone, between a journal and a database that the test plays: what goes into which batch, what
// waits while the database is away, which row ends how, and which revision stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "daemon/pipeline/delivery.hpp"
#include "daemon/queue/local_queue.hpp"
#include "schemas/mutex.hpp"
#include "tests/daemon/base/running_loop.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/daemon/journal/waited_journal.hpp"

namespace bgm {
namespace {

using testing::done_in;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::open_journal;
using ::testing::Pair;
using testing::posts_in_state;
using testing::RunningLoop;
using testing::ScratchFolder;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Names = std::vector<std::string>;

constexpr int kDelivered = 3;
constexpr int kDead = 4;

// Any thread.
class FakeStore : public DeliveryStore {
 public:
    struct State {
        bool away = false;
        bool reached = true;             // by the last attempt
        std::set<std::string> poisoned;  // post ids that spoil their transaction
        int attempts = 0;
        std::vector<Names> batches;  // of picks, as they were committed
        std::map<std::string, std::uint32_t> rows;
        std::map<std::string, v1::DeadLetter> dead;
    };
    template <typename Function>
    auto with(Function function) {
        const MutexLock lock(mutex_);
        return function(state_);
    }

    Result<Names> migrate() override { return Names{"tables"}; }
    Status reach() override {
        return with([](State& state) -> Status {
            if (!state.reached) return Error{.code = ErrorCode::unavailable, .message = "nobody there"};
            return ok_status();
        });
    }
    Result<std::uint64_t> last_event_id() override { return last_event_id_; }
    Result<Announced> announce(std::uint64_t) override { return Announced{}; }
    Result<WriteEffects> write(std::span<const v1::Pick* const> picks,
                               std::span<const v1::DeadLetter* const> dead) override {
        return with([&](State& state) -> Result<WriteEffects> {
            if (!try_to_reach(state)) return Error{.code = ErrorCode::unavailable, .message = "nobody there"};
            Names batch;
            for (const v1::Pick* pick : picks) {
                if (state.poisoned.contains(pick->post_id()))
                    return Error{.code = ErrorCode::internal, .message = "not this row"};
                batch.push_back(pick->post_id());
            }
            state.batches.push_back(batch);
            for (const v1::Pick* pick : picks)
                state.rows[pick->post_id()] = pick->revision();
            for (const v1::DeadLetter* letter : dead)
                state.dead[letter->post_id()] = *letter;
            return WriteEffects{};
        });
    }
    Status remove_dead(const std::string&, const std::string& post_id) override {
        return with([&](State& state) -> Status {
            if (!try_to_reach(state)) return Error{.code = ErrorCode::unavailable, .message = "nobody there"};
            state.dead.erase(post_id);
            return ok_status();
        });
    }
    Result<ErasedRows> erase(const ErasureScope& scope) override {
        return with([&](State& state) -> Result<ErasedRows> {
            if (!try_to_reach(state)) return Error{.code = ErrorCode::unavailable, .message = "nobody there"};
            return ErasedRows{.picks = state.rows.erase(scope.post_id)};
        });
    }

 private:
    static bool try_to_reach(State& state) {
        ++state.attempts;
        return state.reached = !state.away;
    }

    static constexpr std::uint64_t last_event_id_ = 1ULL << 60;  // ahead of the clock
    Mutex mutex_;
    State state_ BGM_GUARDED_BY(mutex_);
};

class DeliveryFlow : public ::testing::Test {
 protected:
    void SetUp() override {
        config_.mysql.retry_min_ms = 1;
        config_.mysql.retry_max_ms = 1;
        config_.mysql.batch = 3;
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

    void open(bool with_store = true) {
        auto store = std::make_unique<FakeStore>();
        store_ = store.get();
        auto opened = Delivery::open(config_, running_.loop(), messaging_, *journal_, *queue_, metrics_,
                                     with_store ? std::move(store) : nullptr);
        ASSERT_TRUE(opened) << opened.error().to_string();
        delivery_ = std::move(*opened);
        running_.start();
    }

    /// A post that is accepted and picked in the journal. Another user's is another revision.
    Decision picked(const std::string& post_id, const std::string& user_id = "u", bool backfill = false) {
        Decision decision;
        auto pick = std::make_shared<v1::Pick>();
        pick->set_tenant("t");
        pick->set_post_id(post_id);
        pick->set_user_id(user_id);
        pick->set_mood("calm");
        EXPECT_TRUE(done_in(*journal_, [&](JournalStore& store) -> Status {
            auto accepted = store.accept({.tenant = "t",
                                          .post_id = post_id,
                                          .priority = backfill ? v1::BACKFILL : v1::LIVE,
                                          .content_hash = user_id,
                                          .post = "post",
                                          .media = ""},
                                         1);
            if (!accepted) return accepted.error();
            pick->set_revision(accepted->revision);
            decision.seq = accepted->seq;
            decision.revision = accepted->revision;
            auto moved = store.set_picked(accepted->seq, accepted->revision, pick->SerializeAsString(),
                                          PostState::picked, 2);
            return moved ? ok_status() : Status(moved.error());
        }));
        decision.pick = std::move(pick);
        decision.accepted_at = std::chrono::steady_clock::now();
        decision.backfill = backfill;
        return decision;
    }
    Decision died(const std::string& post_id) {
        Decision decision = picked(post_id);
        auto letter = std::make_shared<v1::DeadLetter>();
        letter->set_tenant("t");
        letter->set_post_id(post_id);
        decision.pick.reset();
        decision.dead = std::move(letter);
        return decision;
    }
    void enqueue(const std::vector<Decision>& decisions) {
        running_.on_loop([&] {
            for (const Decision& decision : decisions)
                delivery_->enqueue(decision);
        });
    }
    template <typename Value>
    Value of(Value FakeStore::State::*member) {
        return store_->with([member](FakeStore::State& state) { return state.*member; });
    }
    /// Of all batches, in order.
    Names written() {
        Names all;
        for (const Names& batch : of(&FakeStore::State::batches))
            all.insert(all.end(), batch.begin(), batch.end());
        return all;
    }
    void set_away(bool away) {
        store_->with([away](FakeStore::State& state) { state.away = away; });
    }
    /// Away, and it has been found out.
    void outage() {
        set_away(true);
        enqueue({picked("finds it out")});
        EXPECT_TRUE(eventually([this] { return !delivery_->mysql_error().empty(); }));
    }
    /// It goes on trying.
    void tries_again() {
        const int before = of(&FakeStore::State::attempts);
        EXPECT_TRUE(eventually([&] { return of(&FakeStore::State::attempts) > before + 2; }));
    }
    /// Back, and what was enqueued before is in its next batch.
    void back() {
        tries_again();
        set_away(false);
    }
    bool eventually(const std::function<bool()>& condition) { return running_.eventually(condition); }
    bool settled() {
        return eventually([this] { return delivery_->pending() == 0; });
    }
    std::int64_t in_state(int state) const { return posts_in_state(file(), state); }

    ScratchFolder folder_;
    Config config_;
    Metrics metrics_;
    Messaging messaging_;
    RunningLoop running_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<MediaStore> media_;
    std::unique_ptr<LocalQueue> queue_;
    FakeStore* store_ = nullptr;  // delivery's
    std::unique_ptr<Delivery> delivery_;
};

// What came during an outage is written as it came, so many to a transaction; live posts first, and not in
// one transaction with backfill.
TEST_F(DeliveryFlow, WritesWhatWaitsInBatchesLiveBeforeBackfill) {
    open();
    outage();
    enqueue({picked("old 1", "u", true), picked("1"), picked("2"), picked("3"), picked("old 2", "u", true)});
    EXPECT_EQ(running_.on_loop([this] { return delivery_->pending(); }), 6U);
    EXPECT_TRUE(running_.on_loop([this] { return delivery_->has_room(false, 1'000'000); }))
        << "while it is away, more of them wait in the journal";
    back();
    EXPECT_TRUE(settled());
    EXPECT_THAT(of(&FakeStore::State::batches),
                ElementsAre(Names{"finds it out", "1", "2"}, Names{"3"}, Names{"old 1", "old 2"}));
    EXPECT_EQ(in_state(kDelivered), 6);
    EXPECT_EQ(delivery_->mysql_error(), "");
    EXPECT_FALSE(running_.on_loop([this] { return delivery_->has_room(false, 1'000'000); }));
}

TEST_F(DeliveryFlow, AnOutageBuriesNothingHoweverLong) {
    open();
    outage();
    for (int i = 0; i < 50; ++i)
        tries_again();
    EXPECT_EQ(in_state(kDead), 0);
    back();
    EXPECT_TRUE(settled());
    EXPECT_EQ(in_state(kDelivered), 1);
}

TEST_F(DeliveryFlow, APoisonedRowAloneEndsAsADeadLetter) {
    open();
    store_->with([](FakeStore::State& state) { state.poisoned = {"bad"}; });
    enqueue({picked("1"), picked("bad"), picked("2"), picked("3"), picked("4")});
    EXPECT_TRUE(eventually([this] { return of(&FakeStore::State::dead).contains("bad"); }));
    EXPECT_TRUE(settled());
    const v1::DeadLetter letter = of(&FakeStore::State::dead).at("bad");
    EXPECT_EQ(letter.tenant(), "t");
    EXPECT_EQ(letter.stage(), "deliver");
    EXPECT_EQ(letter.code(), "internal");
    EXPECT_EQ(letter.revision(), 1U);
    EXPECT_THAT(of(&FakeStore::State::rows),
                UnorderedElementsAre(Pair("1", 1), Pair("2", 1), Pair("3", 1), Pair("4", 1)));
    EXPECT_TRUE(eventually([this] { return in_state(kDelivered) == 4 && in_state(kDead) == 1; }));
}

TEST_F(DeliveryFlow, ARowThatHealsInTimeIsWritten) {
    config_.mysql.retry_min_ms = config_.mysql.retry_max_ms = 200;
    open();
    store_->with([](FakeStore::State& state) { state.poisoned = {"sick"}; });
    enqueue({picked("sick"), picked("well")});
    EXPECT_TRUE(eventually([this] { return in_state(kDelivered) == 1; }));
    store_->with([](FakeStore::State& state) { state.poisoned = {}; });
    EXPECT_TRUE(eventually([this] { return in_state(kDelivered) == 2; }));
    EXPECT_THAT(of(&FakeStore::State::dead), IsEmpty());
}

// Both are on their way at once.
TEST_F(DeliveryFlow, WritesTheNewerRevisionAfterTheOlderOne) {
    open();
    outage();
    const Decision first = picked("p", "one");
    const Decision second = picked("p", "two");
    ASSERT_EQ(second.revision, 2U);
    enqueue({first, second});
    back();
    EXPECT_TRUE(settled());
    EXPECT_EQ(of(&FakeStore::State::rows).at("p"), 2U);
    EXPECT_THAT(of(&FakeStore::State::batches), ElementsAre(Names{"finds it out", "p", "p"}));
    EXPECT_EQ(in_state(kDelivered), 2);
}

TEST_F(DeliveryFlow, DeliversWhatAnEarlierRunLeftOnce) {
    picked("1");
    picked("2");
    open();
    running_.on_loop([this] {
        delivery_->resume();
        delivery_->resume();
    });
    EXPECT_TRUE(eventually([this] { return in_state(kDelivered) == 2; }));
    EXPECT_TRUE(settled());
    EXPECT_THAT(written(), ElementsAre("1", "2"));
}

TEST_F(DeliveryFlow, AnErasureWaitsForTheDatabaseAndTakesOnlyWhatCameBefore) {
    open();
    enqueue({picked("p", "before")});
    EXPECT_TRUE(eventually([this] { return in_state(kDelivered) == 1; }));
    outage();
    enqueue({picked("p", "queued")});
    std::optional<Result<ErasedRows>> answer;
    running_.on_loop([&] {
        delivery_->erase({.tenant = "t", .post_id = "p"},
                         [&](Result<ErasedRows> rows) { answer = std::move(rows); });
    });
    tries_again();
    EXPECT_FALSE(running_.on_loop([&] { return answer.has_value(); }));
    enqueue({picked("p", "after")});
    back();
    EXPECT_TRUE(eventually([&] { return answer.has_value(); }));
    EXPECT_EQ((*answer)->picks, 1U);
    EXPECT_TRUE(settled());
    EXPECT_EQ(of(&FakeStore::State::rows).at("p"), 3U);
    EXPECT_EQ(std::ranges::count(written(), "p"), 2) << "not the one that was queued";
}

TEST_F(DeliveryFlow, ASettledDeadLettersRowGoesOnceTheDatabaseIsBack) {
    open();
    store_->with([](FakeStore::State& state) { state.dead["settled"] = {}; });
    outage();
    running_.on_loop([this] { delivery_->forget_dead("t", "settled"); });
    tries_again();
    EXPECT_THAT(of(&FakeStore::State::dead), SizeIs(1));
    back();
    EXPECT_TRUE(eventually([this] { return of(&FakeStore::State::dead).empty(); }));
}

TEST_F(DeliveryFlow, ASettledDeadLettersRowGoesThoughItIsYetToCome) {
    open();
    outage();
    enqueue({died("settled")});
    running_.on_loop([this] {
        delivery_->forget_dead("t", "settled");
        delivery_->forget_dead("t", "died again");
    });
    enqueue({died("died again")});
    back();
    EXPECT_TRUE(settled());
    EXPECT_TRUE(eventually([this] { return !of(&FakeStore::State::dead).contains("settled"); }));
    EXPECT_TRUE(of(&FakeStore::State::dead).contains("died again"));
}

TEST_F(DeliveryFlow, WithoutADatabaseADecisionIsFinalInTheJournal) {
    open(false);
    enqueue({picked("p")});
    bool erased = false;
    running_.on_loop([&] {
        EXPECT_EQ(delivery_->pending(), 0U);
        EXPECT_TRUE(delivery_->has_room(true, 1'000'000));
        delivery_->resume();
        delivery_->forget_dead("t", "p");
        delivery_->erase({.tenant = "t", .post_id = "p"},
                         [&](const Result<ErasedRows>& rows) { erased = rows && rows->picks == 0; });
    });
    EXPECT_TRUE(erased) << "at once";
    EXPECT_EQ(metrics_.totals().delivered, 1U);
}

}  // namespace
}  // namespace bgm
