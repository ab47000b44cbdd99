// What is known of a listener is read once while his post is looked at, never awaited for long, read again
// when it has changed, and gone when he is; a burst of his posts gets no track twice.
#include "daemon/pipeline/listeners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <set>

#include "daemon/pipeline/recommender.hpp"
#include "fusion/stable_hash.hpp"
#include "tests/daemon/base/running_loop.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::RunningLoop;

class ListenersTest : public ::testing::Test {
 protected:
    /// MySQL as the test plays it: `weight` is what it says of everybody's taste.
    Listeners& open(std::size_t listeners_max = 100) {
        listeners_ = std::make_unique<Listeners>(
            running_.loop(), metrics_,
            Listeners::Options{.repeat_after_ms = 1000,
                               .listeners_max = listeners_max,
                               .patience = std::chrono::milliseconds(50),
                               .fresh_for = std::chrono::milliseconds(1000),
                               .fresh_for_track = std::chrono::milliseconds(20),
                               .now = [this] { return Listeners::Clock::time_point(clock_ms_.load()); },
                               .read = [this](const std::string&, std::span<const std::string> users,
                                              std::int64_t) { return read(users); }});
        running_.start();
        return *listeners_;
    }
    void TearDown() override {
        gate_.release(100);
        running_.stop();  // first: they belong to the loop's thread
        listeners_.reset();
    }

    Listeners::Found read(std::span<const std::string> users) {
        if (holds_) gate_.acquire();
        reads_ += static_cast<int>(users.size());
        if (fails_) return Error{.code = ErrorCode::unavailable, .message = "away"};
        std::vector<StoredListener> all;
        for (const std::string& user : users) {
            all.push_back({.user_id = user});
            all.back().taste.emplace();
            all.back().taste->all.weight = static_cast<float>(weight_);
            all.back().recent.assign(static_cast<std::size_t>(tracks_),
                                     {.track_id = "had", .post_key = 1, .at_ms = 1});
        }
        return all;
    }
    /// The weight of the taste that is told, -1 for none; nothing while nobody is told.
    void ask(const std::string& user) {
        running_.on_loop([&] {
            listeners_->ask("t", user, [this](const KnownListener& known) {
                told_.push_back(known.taste ? static_cast<int>(known.taste->all.weight) : -1);
            });
        });
    }
    std::vector<int> told() {
        return running_.on_loop([&] { return told_; });
    }
    bool told_of(std::size_t count) {
        return running_.eventually([&] { return told_.size() == count; });
    }

    RunningLoop running_;
    Metrics metrics_;
    std::atomic<std::chrono::milliseconds> clock_ms_{std::chrono::milliseconds(1000)};
    std::atomic<int> weight_ = 1;
    std::atomic<bool> holds_ = false;
    std::atomic<bool> fails_ = false;
    std::atomic<int> reads_ = 0;
    std::atomic<int> tracks_ = 1;
    std::counting_semaphore<1000> gate_{0};
    std::vector<int> told_;  // the loop's
    std::size_t had_ = 1;    // the loop's
    std::unique_ptr<Listeners> listeners_;
};

TEST_F(ListenersTest, IsReadOnceAndKnownFromThenOn) {
    Listeners& listeners = open();
    running_.on_loop([&] { listeners.expect("t", "u"); });
    ask("u");
    ASSERT_TRUE(told_of(1));
    running_.on_loop([&] { listeners.expect("t", "u"); });
    ask("u");
    EXPECT_THAT(told(), ElementsAre(1, 1)) << "at once";
    EXPECT_EQ(reads_, 1);
    ask("");
    EXPECT_THAT(told(), ElementsAre(1, 1, -1)) << "a post of nobody";
}

TEST_F(ListenersTest, NoPostWaitsForLong) {
    open();
    holds_ = true;
    ask("u");
    EXPECT_THAT(told(), IsEmpty());
    clock_ms_ = std::chrono::milliseconds(1060);
    ASSERT_TRUE(told_of(1));
    EXPECT_THAT(told(), ElementsAre(-1));
    holds_ = false;
    gate_.release();
    ASSERT_TRUE(running_.eventually([&] { return reads_ == 1; }));
    ask("u");
    ASSERT_TRUE(told_of(2));
    EXPECT_THAT(told(), ElementsAre(-1, 1));
}

TEST_F(ListenersTest, WhileMySqlFailsPostsGoOnWithout) {
    open();
    fails_ = true;
    ask("u");
    ASSERT_TRUE(told_of(1));
    holds_ = true;  // so that v's reading does not fail after MySQL is back
    ask("v");
    EXPECT_THAT(told(), ElementsAre(-1, -1)) << "not even waited for";
    fails_ = false;
    holds_ = false;
    gate_.release();
    clock_ms_ = std::chrono::milliseconds(3000);
    ask("u");
    ASSERT_TRUE(told_of(3));
    EXPECT_THAT(told(), ElementsAre(-1, -1, 1));
}

// Idea: what was read before the change is not taken for what is known after it.
TEST_F(ListenersTest, WhatChangesIsReadAgainBeforeItIsTold) {
    Listeners& listeners = open();
    ask("u");
    ASSERT_TRUE(told_of(1));
    weight_ = 2;
    running_.on_loop([&] { listeners.changed({{"t", "u"}, {"t", "unknown"}}); });
    ask("u");
    ASSERT_TRUE(told_of(2));
    EXPECT_THAT(told(), ElementsAre(1, 2));

    weight_ = 3;
    clock_ms_ = std::chrono::milliseconds(2500);
    running_.on_loop([&] { listeners.expect("t", "u"); });
    EXPECT_TRUE(running_.eventually([&] {
        listeners.ask("t", "u", [this](const KnownListener& known) {
            told_.push_back(static_cast<int>(known.taste->all.weight));
        });
        return told_.back() == 3;
    })) << "what is old is read again, and told meanwhile";
}

// Idea: what a post costs is bounded, however many posts somebody writes.
TEST_F(ListenersTest, WhoHadMuchIsReadLessOften) {
    Listeners& listeners = open();
    const auto posts_at = [&](int ms) {
        clock_ms_ = std::chrono::milliseconds(ms);
        running_.on_loop([&] { listeners.expect("t", "u"); });
    };
    tracks_ = 50;
    posts_at(1000);
    ASSERT_TRUE(running_.eventually([&] { return reads_ == 1; }));
    ask("u");
    ASSERT_TRUE(told_of(1));
    posts_at(1000 + 1000 + 50 * 20);
    EXPECT_EQ(reads_, 1);
    tracks_ = 0;
    posts_at(1000 + 1000 + 50 * 20 + 1);
    ASSERT_TRUE(running_.eventually([&] {
        listeners.ask("t", "u", [this](const KnownListener& known) { had_ = known.recent->size(); });
        return had_ == 0;
    }));
    EXPECT_EQ(reads_, 2);
    posts_at(3001 + 1001);
    EXPECT_TRUE(running_.eventually([&] { return reads_ == 3; }));
}

TEST_F(ListenersTest, WhoIsForgottenIsRead) {
    Listeners& listeners = open();
    ask("u");
    ASSERT_TRUE(told_of(1));
    // A reading is under way when he is erased: what it finds is of before.
    holds_ = true;
    clock_ms_ = std::chrono::milliseconds(2500);
    running_.on_loop([&] { listeners.expect("t", "u"); });
    running_.on_loop([&] { listeners.forget({"t", "u"}); });
    EXPECT_EQ(running_.on_loop([&] { return listeners.kept(); }), 0U);
    holds_ = false;
    weight_ = 7;
    gate_.release();
    ASSERT_TRUE(running_.eventually([&] { return reads_ == 2; }));
    EXPECT_EQ(running_.on_loop([&] { return listeners.kept(); }), 0U);
    ask("u");
    ASSERT_TRUE(told_of(2));
    EXPECT_THAT(told(), ElementsAre(1, 7));
}

TEST_F(ListenersTest, NoMoreAreKeptThanMay) {
    Listeners& listeners = open(10);
    for (int i = 0; i < 50; ++i)
        ask("u" + std::to_string(i));
    ASSERT_TRUE(told_of(50));
    ask("last");
    ASSERT_TRUE(told_of(51));
    EXPECT_LE(running_.on_loop([&] { return listeners.kept(); }), 11U);
}

// Idea: of posts of one user that are under way together none gets what another gets; a new revision of a
// post takes its own place.
TEST(RecommenderListeners, ABurstGetsNoTrackTwice) {
    RunningLoop running;
    std::vector<Track> tracks(40);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        tracks[i].track_id = tracks[i].artist = "t" + std::to_string(i);
        tracks[i].moods[0] = 1;
    }
    auto catalogue = std::make_shared<const Catalogue>(*Catalogue::build(std::move(tracks)));
    std::vector<std::vector<std::string>> picked;
    {
        Recommender recommender(running.loop(), {.repeat_after_ms = 60'000});
        recommender.set_catalogues(std::make_shared<const CatalogueSet>(CatalogueSet{catalogue}));
        running.start();
        KnownListener known{
            .recent = std::make_shared<const std::vector<RecentTrack>>(
                std::vector<RecentTrack>{{"t0", stable_hash("before"), INT64_MAX}, {"t1", 1, 1}}),
            .had = std::make_shared<HadTracks>()};
        running.on_loop([&] {
            for (const char* id : {"a", "b", "c", "a"}) {
                v1::Post post;
                post.set_tenant("t");
                post.set_post_id(id);
                DecidedMood decided;
                decided.pick.set_tenant("t");
                decided.pick.set_post_id(id);
                decided.pick.set_mood("amusing");
                decided.mood.moods[0] = 1;
                decided.mood.ambiguous = false;
                auto question = recommender.question(1, post, std::move(decided), [&](Result<v1::Pick> pick) {
                    auto& list = picked.emplace_back();
                    for (const auto& track : pick->tracks())
                        list.push_back(track.track_id());
                });
                question.known = known;
                recommender.ask(std::move(question));
            }
        });
        ASSERT_TRUE(running.eventually([&] { return picked.size() == 4; }));
        running.stop();
    }
    std::set<std::string> all;
    for (int post = 0; post < 3; ++post) {
        EXPECT_EQ(picked[static_cast<std::size_t>(post)].size(), 5U);
        for (const std::string& track : picked[static_cast<std::size_t>(post)])
            EXPECT_TRUE(all.insert(track).second) << track;
    }
    EXPECT_FALSE(all.contains("t0"));
    EXPECT_EQ(picked[3], picked[0]);
}

}  // namespace
}  // namespace bgm
