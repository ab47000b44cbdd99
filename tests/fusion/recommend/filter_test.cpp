// What a post may ask of its tracks: each option holds for every pick, and a track of which the figure is not
// known is left out rather than promised.
#include "fusion/recommend/filter.hpp"

#include <gtest/gtest.h>

#include "fusion/catalogue/catalogue_builder.hpp"

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

}  // namespace
}  // namespace bgm
