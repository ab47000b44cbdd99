// What is heard in a track beside what is written about it: what is written weighs three times as much, what
// is not written is filled in, and an embedding that cannot be compared is counted and named.
#include "fusion/catalogue/track_sound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fusion/catalogue/catalogue_builder.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;

Track track_of(const std::string& id) {
    Track track;
    track.track_id = id;
    track.artist = id;
    return track;
}

TrackSound sad_sound() {
    TrackSound sound{.seconds = 180,
                     .loudness_lufs = -11,
                     .tempo_bpm = 90,
                     .key = key_code(9, true),
                     .speech = 0.04F,
                     .moment_ms = 61'000,
                     .moods = {},
                     .affect = {-0.5F, -0.25F},
                     .embedding_model = "m",
                     .embedding = {3, 4}};
    sound.moods[static_cast<std::size_t>(Mood::sad)] = 1;
    return sound;
}

Catalogue built_of(const Track& track, const TrackSound* sound) {
    CatalogueBuilder builder;
    EXPECT_TRUE(builder.add(track, sound));
    auto built = builder.finish();
    EXPECT_TRUE(built);
    return std::move(*built);
}

float mood_of(const TrackView& track, Mood mood) {
    return track.moods[static_cast<std::size_t>(mood)];
}

TEST(TrackSound, WhatIsWrittenWeighsThreeTimesAsMuch) {
    Track written = track_of("t");
    written.moods[static_cast<std::size_t>(Mood::calm)] = 2;
    written.affect = {0.5F, 0.75F};
    written.tempo_bpm = 120;
    written.duration_ms = 200'000;
    const TrackSound sound = sad_sound();
    const Catalogue catalogue = built_of(written, &sound);
    const TrackView track = catalogue.track(0);
    EXPECT_NEAR(mood_of(track, Mood::calm), 0.75, 1e-5);
    EXPECT_NEAR(mood_of(track, Mood::sad), 0.25, 1e-5);
    EXPECT_NEAR(track.affect.valence, 0.25, 1e-5);
    EXPECT_NEAR(track.affect.arousal, 0.5, 1e-5);
    EXPECT_EQ(track.tempo_bpm, 120) << "a number that somebody wrote stays";
    EXPECT_EQ(track.duration_ms, 200'000U);
}

TEST(TrackSound, WhatIsNotWrittenIsFilledIn) {
    const TrackSound sound = sad_sound();
    const Catalogue catalogue = built_of(track_of("t"), &sound);
    const TrackView track = catalogue.track(0);
    EXPECT_NEAR(mood_of(track, Mood::sad), 1, 1e-5);
    EXPECT_NEAR(track.affect.valence, -0.5, 1e-5);
    EXPECT_EQ(track.tempo_bpm, 90);
    EXPECT_EQ(track.duration_ms, 180'000U);
    EXPECT_EQ(track.start_ms, 61'000U);
    EXPECT_EQ(track.loudness_lufs, -11);
    EXPECT_EQ(track.key, key_code(0, false) + 12) << "A minor has the notes of C major";
    EXPECT_NEAR(track.speech, 0.04, 1e-6);
    EXPECT_TRUE(track.heard);
}

// Idea: an analysis of silence says nothing of moods, and a moment behind the end of the track is none.
TEST(TrackSound, WhatSaysNothingChangesNothing) {
    Track written = track_of("t");
    written.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    written.duration_ms = 50'000;
    TrackSound silence = sad_sound();
    silence.moods = {};
    const Catalogue catalogue = built_of(written, &silence);
    EXPECT_NEAR(mood_of(catalogue.track(0), Mood::calm), 1, 1e-5);
    EXPECT_EQ(catalogue.track(0).start_ms, 0U);
}

// Idea: the version is that of before where nobody listened, and another with each number that was heard.
TEST(TrackSound, VersionFollowsWhatWasHeard) {
    const TrackSound sound = sad_sound();
    TrackSound later = sound;
    later.moment_ms += 1;
    TrackSound other = sound;
    other.embedding = {4, 3};
    const std::string unheard = built_of(track_of("t"), nullptr).version();
    const std::string heard = built_of(track_of("t"), &sound).version();
    EXPECT_NE(unheard, heard);
    EXPECT_EQ(heard, built_of(track_of("t"), &sound).version());
    EXPECT_NE(heard, built_of(track_of("t"), &later).version());
    EXPECT_NE(heard, built_of(track_of("t"), &other).version());
}

TEST(TrackSound, EmbeddingsOutsideTheSpaceAreCountedAndNamed) {
    CatalogueBuilder builder;
    TrackSound sound = sad_sound();
    ASSERT_TRUE(builder.add(track_of("a"), &sound));
    ASSERT_TRUE(builder.add(track_of("b"), &sound));
    sound.embedding = {1, 2, 3};
    ASSERT_TRUE(builder.add(track_of("longer"), &sound));
    sound.embedding = {std::numeric_limits<float>::quiet_NaN(), 0};
    ASSERT_TRUE(builder.add(track_of("nan"), &sound));
    sound.embedding = {0, 0};
    ASSERT_TRUE(builder.add(track_of("zero"), &sound));
    sound.embedding = std::vector<float>(5000, 1.0F);
    ASSERT_TRUE(builder.add(track_of("huge"), &sound));
    sound.embedding.clear();
    ASSERT_TRUE(builder.add(track_of("none"), &sound));
    builder.ignore_analysis("old", "builtin-track-0");
    const auto built = builder.finish();
    ASSERT_TRUE(built);
    EXPECT_EQ(built->size(), 7U) << "no track is lost for its embedding";
    EXPECT_EQ(built->sounds().size(), 2U);
    EXPECT_EQ(built->sounds().model(), "m");
    EXPECT_EQ(built->heard().used, 7U);
    EXPECT_EQ(built->heard().other_space, 5U);
    EXPECT_THAT(built->heard().other_space_example, HasSubstr("nan: 2 numbers of 'm'"));
    EXPECT_EQ(built->heard().other_model, 1U);
    EXPECT_THAT(built->heard().other_model_example, HasSubstr("old: 'builtin-track-0'"));
}

TEST(TrackSound, KeysAreApartAsOnTheCamelotWheel) {
    const std::uint8_t c_major = key_code(0, false);
    EXPECT_EQ(key_distance(c_major, c_major), 0);
    EXPECT_EQ(key_distance(c_major, key_code(7, false)), 1) << "G major";
    EXPECT_EQ(key_distance(c_major, key_code(5, false)), 1) << "F major";
    EXPECT_EQ(key_distance(c_major, key_code(9, true)), 1) << "A minor";
    EXPECT_EQ(key_distance(c_major, key_code(6, false)), 6) << "F sharp major";
    EXPECT_EQ(key_distance(c_major, key_code(3, true)), 7) << "E flat minor";
}

}  // namespace
}  // namespace bgm
