// The recommender: the same tracks whatever thread looks for them, while the loop goes on; in batches, live
// posts first; and what is in its hands when it ends is nobody's.
#include "daemon/pipeline/recommender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "schemas/codec.hpp"
#include "tests/daemon/base/running_loop.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RunningLoop;
using ::testing::SizeIs;

std::shared_ptr<const Catalogue> catalogue_of(int tracks, const std::string& source = "") {
    std::vector<Track> made(static_cast<std::size_t>(tracks));
    for (int i = 0; i < tracks; ++i) {
        Track& track = made[static_cast<std::size_t>(i)];
        track.track_id = track.title = track.artist = source + std::to_string(i);
        track.genre = i % 2 == 0 ? "pop" : "jazz";
        track.moods[static_cast<std::size_t>(i) % kMoodCount] = 1;
    }
    auto built = Catalogue::build(std::move(made));
    EXPECT_TRUE(built.ok());
    return std::make_shared<const Catalogue>(std::move(*built));
}

v1::Post post_of(const std::string& post_id, v1::Priority priority = v1::LIVE,
                 const std::string& tenant = "t") {
    v1::Post post;
    post.set_tenant(tenant);
    post.set_post_id(post_id);
    post.set_priority(priority);
    return post;
}

DecidedMood calm(const v1::Post& post) {
    DecidedMood decided;
    decided.pick.set_tenant(post.tenant());
    decided.pick.set_post_id(post.post_id());
    decided.pick.set_mood("calm");
    decided.mood.top = Mood::calm;
    decided.mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    decided.mood.ambiguous = false;
    return decided;
}

Result<v1::Pick> tracks_for(const Catalogue& catalogue, const v1::Post& post) {
    return recommend(catalogue, match_request(post, 5), calm(post));
}

TEST(Recommend, NamesTracksWithTheirPlaceAndReason) {
    const auto pick = tracks_for(*catalogue_of(500), post_of("p"));
    ASSERT_TRUE(pick) << pick.error().to_string();
    EXPECT_GT(pick->picked_at().seconds(), 1'700'000'000);
    ASSERT_THAT(pick->tracks(), SizeIs(5));
    std::set<std::string> ids;
    for (int i = 0; i < pick->tracks_size(); ++i) {
        const v1::PickTrack& track = pick->tracks(i);
        EXPECT_EQ(track.position(), static_cast<std::uint32_t>(i + 1));
        EXPECT_TRUE(ids.insert(track.track_id()).second);
        EXPECT_FALSE(track.title().empty());
        EXPECT_FALSE(track.reason().text().empty());
        if (i > 0) {
            EXPECT_LE(track.score(), pick->tracks(i - 1).score() + 1e-6F);
        }
    }
}

TEST(Recommend, GivesAgainWhatAListenerHadWhereNothingElseIsLeft) {
    const auto catalogue = catalogue_of(5);
    MatchRequest request = match_request(post_of("p-1"), 5);
    request.listener.not_again = {0, 1, 2, 4};
    const auto last = recommend(*catalogue, request, calm(post_of("p-1")));
    ASSERT_THAT(last->tracks(), SizeIs(1));
    EXPECT_EQ(last->tracks(0).track_id(), "3");
    request.genres = {"jazz"};
    request.listener.not_again = {1, 3};
    EXPECT_THAT(recommend(*catalogue, request, calm(post_of("p-1")))->tracks(), SizeIs(2)) << "had all jazz";
    request.listener.not_again = {0, 1, 2, 3, 4};
    const auto again = recommend(*catalogue, request, calm(post_of("p-1")));
    EXPECT_THAT(again->tracks(), SizeIs(2));
    EXPECT_THAT(again->degraded(), IsEmpty());
}

TEST(Recommend, DoesAsThePostAsks) {
    v1::Post post = post_of("p");
    post.mutable_options()->set_tracks(2);
    const auto two = tracks_for(*catalogue_of(50), post);
    ASSERT_TRUE(two);
    EXPECT_THAT(two->tracks(), SizeIs(2));

    post.mutable_options()->add_genres("no such genre");
    const auto none = tracks_for(*catalogue_of(50), post);
    ASSERT_TRUE(none) << "the mood is worth delivering without tracks";
    EXPECT_THAT(none->tracks(), IsEmpty());
    ASSERT_THAT(none->degraded(), SizeIs(1));
    EXPECT_EQ(none->degraded(0).modality(), "catalogue");
    EXPECT_EQ(none->degraded(0).code(), "not_found");
}

// Idea: what a post asks for reaches the matcher under the names of the contract, and each tenant has its
// weights.
TEST(Recommend, ReadsEveryOption) {
    v1::Post post = post_of("p");
    ASSERT_TRUE(from_json(R"({"avoid_moods": ["sad", "scary"], "min_tempo": 60, "max_tempo": 90,
                              "instrumental_only": true, "era": {"from_year": 1980, "to_year": 1989},
                              "arc": "FALL"})",
                          *post.mutable_options()));
    const MatchRequest request =
        match_request(post, 5, {.common = {}, .of_tenant = {{"t", {.mood = 2, .sound = 0}}}});
    EXPECT_THAT(request.avoid_moods, ElementsAre(Mood::sad, Mood::scary));
    EXPECT_EQ(request.min_tempo, 60U);
    EXPECT_EQ(request.max_tempo, 90U);
    EXPECT_EQ(request.from_year, 1980U);
    EXPECT_EQ(request.to_year, 1989U);
    EXPECT_TRUE(request.instrumental_only);
    EXPECT_EQ(request.arc, Arc::fall);
    EXPECT_EQ(request.weights.mood, 2);
    EXPECT_EQ(match_request(post_of("q", v1::LIVE, "other"), 5).weights.sound, MatchWeights{}.sound);
}

// Idea: what is explicit is nothing for a minor, whatever the options say.
TEST(Recommend, GivesMinorsNothingExplicit) {
    v1::Post post = post_of("p");
    EXPECT_FALSE(match_request(post, 5).exclude_explicit);
    post.mutable_user()->set_minor(true);
    EXPECT_TRUE(match_request(post, 5).exclude_explicit);
}

// Idea: where the guard leaves nothing, the answer says that it was the guard; and the facts say it in any
// case.
TEST(Recommend, SaysThatThePostIsGuarded) {
    CatalogueBuilder builder;
    Track track;
    track.track_id = track.artist = "loud";
    track.moods[static_cast<std::size_t>(Mood::energizing)] = 1;
    ASSERT_TRUE(builder.add(track));
    const auto catalogue = builder.finish();
    DecidedMood decided = calm(post_of("p"));
    v1::Facts& facts = *decided.pick.add_facts();
    facts.set_modality("text");
    (*facts.mutable_values())["grave_death"] = 1;
    facts.set_summary("speaks of death");
    MatchRequest request = match_request(post_of("p"), 5);
    request.grave = "death";
    const auto pick = recommend(*catalogue, request, std::move(decided));
    ASSERT_TRUE(pick);
    EXPECT_THAT(pick->tracks(), IsEmpty());
    ASSERT_THAT(pick->degraded(), SizeIs(1));
    EXPECT_THAT(pick->degraded(0).message(), HasSubstr("speaks of death"));
    EXPECT_EQ(pick->facts(0).summary(),
              "speaks of death: no amusing, energizing, triumphant or erotic music");
}

// Idea: a track that was listened to is played from its moment, and the reason says how alike it sounds.
TEST(Recommend, PlaysFromTheMomentAndSaysHowAlikeItSounds) {
    CatalogueBuilder builder;
    Track track;
    track.track_id = track.artist = "heard";
    const TrackSound sound{
        .moment_ms = 42'000, .moods = {}, .affect = {}, .embedding_model = "ear", .embedding = {1, 1}};
    ASSERT_TRUE(builder.add(track, &sound));
    const auto catalogue = builder.finish();
    ASSERT_TRUE(catalogue);
    MatchRequest request = match_request(post_of("p"), 5);
    request.sounds = {{"ear", {2, 2}}};
    request.words = {{"ear", {1, 0}}};
    const auto pick = recommend(*catalogue, request, calm(post_of("p")));
    ASSERT_TRUE(pick);
    ASSERT_THAT(pick->tracks(), SizeIs(1));
    EXPECT_EQ(pick->tracks(0).start_ms(), 42'000U);
    EXPECT_NEAR(pick->tracks(0).reason().sound_match(), 1, 1e-5);
    EXPECT_THAT(pick->tracks(0).reason().text(), HasSubstr("sounding like the post's own music by 1.00"));
    EXPECT_NEAR(pick->tracks(0).reason().words_match(), 1, 1e-5) << "twice a cosine of 0.71, but no more";
}

TEST(Recommend, RefusesWhatNoRowCanHold) {
    DecidedMood decided = calm(post_of("p"));
    decided.pick.set_mood(std::string(1000, 'x'));
    const auto pick = recommend(*catalogue_of(1), match_request(post_of("p"), 1), std::move(decided));
    ASSERT_FALSE(pick);
    EXPECT_EQ(pick.error().code, ErrorCode::internal);
}

/// Lets the recommender's thread stand where a test wants it, and tells the order in which it worked.
class RecommenderTest : public ::testing::Test {
 protected:
    void open() {
        recommender_ = std::make_unique<Recommender>(
            running_.loop(),
            Recommender::Options{
                .now = [this] { return Recommender::Clock::time_point(ticks_.load()); },
                .recommend = [this](const Catalogue& catalogue, const MatchRequest& request,
                                    DecidedMood&& decided) { return look(catalogue, request, decided); }});
        recommender_->set_catalogues(std::make_shared<const CatalogueSet>(catalogue_of(100, "common-")));
        running_.loop().at_end_of_turn([this] { ++turn_; });
        running_.start();
    }
    void TearDown() override {
        let_go_ = 1000;
        let_go_.notify_all();
        running_.stop();
        recommender_.reset();
    }

    Result<v1::Pick> look(const Catalogue& catalogue, const MatchRequest& request, DecidedMood& decided) {
        const int nth = ++begun_;
        begun_.notify_all();
        for (int now = let_go_; now < nth; now = let_go_)
            let_go_.wait(now);
        return recommend(catalogue, request, std::move(decided));
    }
    /// Lets so many looks end, in all.
    void let_go(int looks) {
        let_go_ = looks;
        let_go_.notify_all();
    }
    /// Waits until the thread is in its nth look.
    void await_look(int nth) {
        for (int now = begun_; now < nth; now = begun_)
            begun_.wait(now);
    }

    void ask(const v1::Post& post) {  // on the loop's thread
        recommender_->ask(static_cast<std::int64_t>(std::hash<std::string>()(post.post_id())), post,
                          calm(post), [this](Result<v1::Pick> pick) {
                              ASSERT_TRUE(pick) << pick.error().to_string();
                              turns_.push_back(turn_);
                              picks_.push_back(*std::move(pick));
                              order_.push_back(picks_.back().post_id());
                          });
    }
    bool done(std::size_t posts) {
        return running_.eventually([&] { return picks_.size() == posts; });
    }

    RunningLoop running_;
    std::unique_ptr<Recommender> recommender_;
    std::atomic<int> begun_{0};
    std::atomic<int> let_go_{1000};
    std::atomic<std::chrono::milliseconds> ticks_{std::chrono::milliseconds(0)};
    // Of the loop's thread.
    std::int64_t turn_ = 0;
    std::vector<v1::Pick> picks_;
    std::vector<std::string> order_;
    std::vector<std::int64_t> turns_;
};

TEST_F(RecommenderTest, FindsWhatTheCallingThreadWouldFind) {
    open();
    running_.on_loop([this] {
        for (int i = 0; i < 50; ++i)
            ask(post_of("p" + std::to_string(i)));
    });
    ASSERT_TRUE(done(50));
    for (v1::Pick& pick : picks_) {
        auto here = tracks_for(*catalogue_of(100, "common-"), post_of(pick.post_id()));
        ASSERT_TRUE(here);
        here->clear_picked_at();
        pick.clear_picked_at();
        EXPECT_EQ(pick.SerializeAsString(), here->SerializeAsString());
    }
}

TEST_F(RecommenderTest, KeepsTheLoopFree) {
    let_go_ = 0;
    open();
    running_.on_loop([this] { ask(post_of("p")); });
    await_look(1);
    const auto before = running_.on_loop([this] { return turn_; });
    EXPECT_GT(running_.on_loop([this] { return turn_; }), before) << "it turns while the thread looks";
    EXPECT_TRUE(running_.on_loop([this] { return picks_.empty(); }));
    let_go(1);
    EXPECT_TRUE(done(1));
}

// A wake-up for each post would cost more than the look itself.
TEST_F(RecommenderTest, BringsBackInOneTurnWhatItFoundInAMoment) {
    let_go_ = 0;
    open();
    running_.on_loop([this] {
        for (int i = 0; i < 20; ++i)
            ask(post_of("p" + std::to_string(i)));
    });
    let_go(20);
    ASSERT_TRUE(done(20));
    EXPECT_THAT(std::set(turns_.begin(), turns_.end()), SizeIs(1)) << "the clock of this test stands still";
}

TEST_F(RecommenderTest, HoldsNothingBackWhileItGoesOnLooking) {
    let_go_ = 0;
    open();
    running_.on_loop([this] {
        ask(post_of("quick"));
        ask(post_of("slow"));
    });
    await_look(1);
    ticks_ = std::chrono::milliseconds(1);
    let_go(1);
    EXPECT_TRUE(done(1)) << "while the other is still looked for";
    let_go(2);
    EXPECT_TRUE(done(2));
}

TEST_F(RecommenderTest, PutsLivePostsBeforeBackfill) {
    let_go_ = 0;
    open();
    running_.on_loop([this] { ask(post_of("b0", v1::BACKFILL)); });
    await_look(1);
    running_.on_loop([this] {
        ask(post_of("b1", v1::BACKFILL));
        ask(post_of("l1"));
        ask(post_of("b2", v1::BACKFILL));
        ask(post_of("l2"));
    });
    let_go(5);
    ASSERT_TRUE(done(5));
    EXPECT_THAT(order_, ElementsAre("b0", "l1", "l2", "b1", "b2"));
}

TEST_F(RecommenderTest, ForgetsWhatIsNotWantedAnyMore) {
    let_go_ = 0;
    open();
    running_.on_loop([this] { ask(post_of("first")); });
    await_look(1);
    running_.on_loop([this] {
        ask(post_of("older"));
        recommender_->drop(static_cast<std::int64_t>(std::hash<std::string>()("older")));
        ask(post_of("last"));
    });
    let_go(3);
    ASSERT_TRUE(done(2));
    EXPECT_THAT(order_, ElementsAre("first", "last"));
}

TEST_F(RecommenderTest, LooksWhereTheTenantsTracksAre) {
    open();
    running_.on_loop([this] {
        ask(post_of("p1"));
        ask(post_of("p2", v1::LIVE, "studio"));
    });
    ASSERT_TRUE(done(2));
    running_.on_loop([this] {
        recommender_->set_catalogues(std::make_shared<const CatalogueSet>(
            CatalogueSet{catalogue_of(100, "newer-"), {{"studio", catalogue_of(100, "studio-")}}}));
        ask(post_of("p1"));
        ask(post_of("p2", v1::LIVE, "studio"));
    });
    ASSERT_TRUE(done(4));
    std::vector<std::string> sources;
    for (const v1::Pick& pick : picks_)
        sources.push_back(pick.tracks(0).track_id().substr(0, 6));
    EXPECT_THAT(sources, ElementsAre("common", "common", "newer-", "studio"));
}

TEST_F(RecommenderTest, EndsWithWorkInItsHands) {
    let_go_ = 0;
    open();
    running_.on_loop([this] {
        for (int i = 0; i < 100; ++i)
            ask(post_of("p" + std::to_string(i)));
    });
    await_look(1);
    running_.stop();
    std::jthread ending([this] { recommender_.reset(); });
    let_go(1000);
    ending.join();
    EXPECT_TRUE(picks_.empty());
}

}  // namespace
}  // namespace bgm
