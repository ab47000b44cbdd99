// What a post may ask of its tracks: each option holds for every pick, and a track of which the figure is not
// known is left out rather than promised.
#include "fusion/recommend/filter.hpp"

#include <gtest/gtest.h>

#include "fusion/catalogue/catalogue_builder.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

class FilterTest : public ::testing::Test {
 protected:
    static Track track() {
        Track track;
        track.track_id = "t";
        track.moods[static_cast<std::size_t>(Mood::calm)] = 0.8F;
        track.moods[static_cast<std::size_t>(Mood::sad)] = 0.2F;
        return track;
    }
    static bool allows(const MatchRequest& request, const Track& one, const TrackSound* sound = nullptr) {
        CatalogueBuilder builder;
        EXPECT_TRUE(builder.add(one, sound));
        const auto catalogue = builder.finish();
        return TrackFilter(*catalogue, request).allows(0);
    }
};

TEST_F(FilterTest, Tempo) {
    Track one = track();
    EXPECT_TRUE(allows({}, one));
    EXPECT_FALSE(allows({.min_tempo = 60}, one)) << "not known";
    EXPECT_FALSE(allows({.max_tempo = 200}, one));
    one.tempo_bpm = 99.9F;
    EXPECT_TRUE(allows({.min_tempo = 60}, one));
    EXPECT_TRUE(allows({.min_tempo = 99, .max_tempo = 100}, one));
    EXPECT_FALSE(allows({.min_tempo = 100}, one));
    EXPECT_FALSE(allows({.max_tempo = 99}, one));
    one.tempo_bpm = 0;
    const TrackSound heard{
        .tempo_bpm = 80, .moods = {}, .affect = {}, .embedding_model = {}, .embedding = {}};
    EXPECT_TRUE(allows({.min_tempo = 70, .max_tempo = 90}, one, &heard)) << "what was heard is known";
}

TEST_F(FilterTest, Era) {
    Track one = track();
    EXPECT_FALSE(allows({.from_year = 1900}, one)) << "not known";
    one.year = 1987;
    EXPECT_TRUE(allows({.from_year = 1980, .to_year = 1989}, one));
    EXPECT_TRUE(allows({.from_year = 1987, .to_year = 1987}, one));
    EXPECT_FALSE(allows({.from_year = 1988}, one));
    EXPECT_FALSE(allows({.to_year = 1986}, one));
    const MatchRequest no_nineties{.from_year = 2000, .to_year = 1989};
    EXPECT_TRUE(allows(no_nineties, one)) << "all but the years between";
    one.year = 2000;
    EXPECT_TRUE(allows(no_nineties, one));
    one.year = 0;
    EXPECT_TRUE(allows(no_nineties, one)) << "not known to be of them";
    for (const std::uint32_t year : {1990U, 1999U}) {
        one.year = year;
        EXPECT_FALSE(allows(no_nineties, one)) << year;
    }
}

TEST_F(FilterTest, WhatIsNotSungIsLeftOutBySayingSo) {
    Track one = track();
    EXPECT_TRUE(allows({.languages = {"ko"}}, one));
    EXPECT_FALSE(allows({.languages = {"ko"}, .avoid_languages = {"zxx"}}, one));
    one.language = "zxx";
    EXPECT_FALSE(allows({.avoid_languages = {"zxx"}}, one));
    one.language = "ko-KR";
    EXPECT_TRUE(allows({.languages = {"ko"}, .avoid_languages = {"zxx"}}, one));
}

TEST_F(FilterTest, AvoidedMoods) {
    EXPECT_FALSE(allows({.avoid_moods = {Mood::calm}}, track())) << "its strongest";
    EXPECT_TRUE(allows({.avoid_moods = {Mood::sad}}, track())) << "a fifth of it";
    EXPECT_TRUE(allows({.avoid_moods = {Mood::scary, Mood::joyful}}, track()));
    Track sadder = track();
    sadder.moods[static_cast<std::size_t>(Mood::sad)] = 0.4F;
    EXPECT_FALSE(allows({.avoid_moods = {Mood::sad}}, sadder)) << "a third of it";
}

TEST_F(FilterTest, Instrumental) {
    Track one = track();
    EXPECT_TRUE(allows({.instrumental_only = true}, one));
    one.language = "zxx";
    EXPECT_TRUE(allows({.instrumental_only = true}, one));
    const TrackSound spoken{
        .speech = 0.7F, .moods = {}, .affect = {}, .embedding_model = {}, .embedding = {}};
    EXPECT_FALSE(allows({.instrumental_only = true}, one, &spoken)) << "an audio book";
    one.language = "ko";
    EXPECT_FALSE(allows({.instrumental_only = true}, one));
}

// Idea: what 64 tracks are asked together is what each is asked.
TEST(TrackFilter, AllowsInTheOrderOfAScanWhatItAllowsByTrack) {
    testing::RandomCases random(21);
    const auto catalogue = Catalogue::build(random.tracks(kQuickTracks + 21, 400));
    ASSERT_TRUE(catalogue);
    const std::vector<MatchRequest> requests{
        {.max_duration_ms = std::max(catalogue->track(5).duration_ms, catalogue->track(6).duration_ms)},
        {.genres = {"jazz"}, .exclude_explicit = true, .max_duration_ms = 200'000},
        {.languages = {"ko"}, .min_tempo = 80, .max_tempo = 120},
        {.avoid_moods = {Mood::sad}, .instrumental_only = true},
        {.max_duration_ms = 0xFFFFFFFFU}};
    for (const MatchRequest& request : requests) {
        TrackFilter filter(*catalogue, request);
        const Catalogue::QuickOrder& order = catalogue->by_feeling();
        std::size_t allowed = 0;
        for (std::uint32_t first = 0; first < order.tracks.size(); first += 64) {
            const std::size_t used = std::min<std::size_t>(64, order.tracks.size() - first);
            const std::uint64_t some = ~std::uint64_t{0} >> (64 - used) & 0xFFFF'FFFF'FFFF'00F7U;
            const std::uint64_t lanes = filter.allowed_of(order, first, some);
            for (std::uint32_t lane = 0; lane < used; ++lane) {
                const bool by_track = filter.allows(order.tracks[first + lane]);
                ASSERT_EQ(filter.allows_at(order, first + lane), by_track);
                ASSERT_EQ(lanes >> lane & 1U, by_track && (some >> lane & 1U) != 0 ? 1U : 0U);
                allowed += by_track ? 1 : 0;
            }
        }
        EXPECT_GT(allowed, 0U);
        EXPECT_LT(allowed, order.tracks.size());
    }
}

}  // namespace
}  // namespace bgm
