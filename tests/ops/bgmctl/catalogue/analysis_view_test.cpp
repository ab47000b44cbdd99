// One track as a person reads it: what nobody said and what was not heard is left blank.
#include "ops/bgmctl/catalogue/analysis_view.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace bgm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Track unsaid() {
    Track track;
    track.track_id = "t";
    track.title = "Title";
    return track;
}

TrackAnalysis heard() {
    TrackAnalysis analysis;
    analysis.track_id = "t";
    analysis.seconds = 60;
    analysis.loudness_lufs = -20;
    analysis.mood.moods[static_cast<std::size_t>(Mood::calm)] = 1;
    analysis.mood.affect = {.valence = 0.25F, .arousal = -0.5F};
    return analysis;
}

std::string shown(const Track& track, const std::optional<TrackAnalysis>& analysis) {
    std::ostringstream out;
    print_track(out, track, analysis);
    return out.str();
}

TEST(AnalysisView, WhatNobodySaidIsBlank) {
    EXPECT_THAT(shown(unsaid(), heard()),
                AllOf(HasSubstr("+0.25"), HasSubstr("-0.50"), Not(HasSubstr("+0.00"))));
    Track track = unsaid();
    track.moods[static_cast<std::size_t>(Mood::sad)] = 1;
    track.affect = {.valence = -0.75F, .arousal = 0};
    EXPECT_THAT(shown(track, heard()), AllOf(HasSubstr("-0.75"), HasSubstr("+0.00")));
}

TEST(AnalysisView, NoKeyIsMadeUp) {
    TrackAnalysis analysis = heard();
    EXPECT_THAT(shown(unsaid(), analysis),
                AllOf(HasSubstr("key        none is heard"), Not(HasSubstr("major"))));
    EXPECT_TRUE(nlohmann::json::parse(track_json(unsaid(), analysis))["analysis"]["key"].is_null());
    analysis.key_tonic = 9;
    analysis.key_minor = true;
    analysis.key_confidence = 0.5F;
    EXPECT_THAT(shown(unsaid(), analysis), HasSubstr("key        A minor (confidence 0.50)"));
    EXPECT_EQ(nlohmann::json::parse(track_json(unsaid(), analysis))["analysis"]["key"], "A minor");
}

TEST(AnalysisView, SilenceHasNoFeeling) {
    TrackAnalysis analysis = heard();
    analysis.loudness_lufs = -70;
    analysis.mood = {};
    EXPECT_THAT(shown(unsaid(), analysis), AllOf(HasSubstr("silent: "), Not(HasSubstr("+0.00"))));
}

}  // namespace
}  // namespace bgm
