// A post of death, illness, disaster or violence gets no track that mocks it, whatever is looked for and
// whatever the catalogue holds; and every track says why.
#include "fusion/recommend/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fusion/recommend/matcher.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

Track track_of(const std::string& id, std::initializer_list<std::pair<Mood, float>> moods) {
    Track track;
    track.track_id = track.artist = id;
    for (const auto& [mood, share] : moods)
        track.moods[static_cast<std::size_t>(mood)] = share;
    return track;
}

FusedMood energetic() {
    FusedMood mood;
    mood.moods.fill(0.3F / (kMoodCount - 1));
    mood.moods[static_cast<std::size_t>(Mood::energizing)] = 0.7F;
    mood.top = Mood::energizing;
    mood.ambiguous = false;
    mood.likely = {Mood::energizing};
    mood.affect = {0.6F, 0.8F};
    return mood;
}

std::vector<std::string> ids(const Catalogue& catalogue, const std::vector<MatchedTrack>& matched) {
    std::vector<std::string> all;
    for (const MatchedTrack& one : matched)
        all.emplace_back(catalogue.track_id(one.track_index));
    return all;
}

TEST(Guard, LeavesOutWhatMocks) {
    std::vector<Track> tracks{
        track_of("calm", {{Mood::calm, 1}}),
        track_of("sad, a fifth amusing", {{Mood::sad, 0.8F}, {Mood::amusing, 0.2F}}),
        track_of("sad, a quarter triumphant", {{Mood::sad, 0.75F}, {Mood::triumphant, 0.25F}}),
        track_of("erotic", {{Mood::erotic, 0.4F}, {Mood::calm, 0.3F}, {Mood::sad, 0.3F}})};
    for (int i = 0; i < 200; ++i)
        tracks.push_back(
            track_of("loud" + std::to_string(i), {{Mood::energizing, 0.9F}, {Mood::joyful, 0.1F}}));
    const auto catalogue = *Catalogue::build(std::move(tracks));
    MatchRequest request{.grave = "death"};
    const auto matched = match(catalogue, energetic(), request);
    EXPECT_THAT(ids(catalogue, matched), UnorderedElementsAre("calm", "sad, a fifth amusing"))
        << "fewer, and none of the two hundred";
    for (const MatchedTrack& one : matched)
        EXPECT_THAT(one.reason,
                    HasSubstr("speaks of death: no amusing, energizing, triumphant or erotic music"));
    request.grave.clear();
    EXPECT_EQ(match(catalogue, energetic(), request).size(), 5U);
}

TEST(Guard, LooksForCalmWhereTheRestIsCheerful) {
    const FusedMood mood = guarded(energetic());
    EXPECT_LE(mood.affect.arousal, 0);
    for (const Mood out : {Mood::amusing, Mood::energizing, Mood::triumphant, Mood::erotic, Mood::joyful})
        EXPECT_EQ(mood.moods[static_cast<std::size_t>(out)], 0);
    float sum = 0;
    for (const float share : mood.moods)
        sum += share;
    EXPECT_NEAR(sum, 1, 1e-5);
    EXPECT_THAT(mood.likely, ElementsAre(mood.top));
    FusedMood unsure = energetic();
    unsure.ambiguous = true;
    unsure.likely = {Mood::energizing, Mood::annoying, Mood::sad};
    EXPECT_THAT(guarded(unsure).likely, ElementsAre(Mood::calm, Mood::beautiful, Mood::sad))
        << "safe for a mood that only the photo has would be safe for nobody";
    const auto catalogue =
        *Catalogue::build({track_of("angry", {{Mood::indignant, 1}}), track_of("calm", {{Mood::calm, 1}}),
                           track_of("joyful", {{Mood::joyful, 1}})});
    EXPECT_EQ(ids(catalogue, match(catalogue, energetic(), {.tracks = 1, .grave = "violence"})),
              std::vector<std::string>{"calm"});
}

TEST(Guard, KeepsWhatFits) {
    FusedMood sad = energetic();
    sad.moods.fill(0);
    sad.moods[static_cast<std::size_t>(Mood::sad)] = 1;
    sad.top = Mood::sad;
    sad.likely = {Mood::sad};
    sad.affect = {-0.6F, -0.4F};
    const FusedMood mood = guarded(sad);
    EXPECT_EQ(mood.moods, sad.moods);
    EXPECT_EQ(mood.affect.arousal, sad.affect.arousal);
    EXPECT_THAT(mood.likely, ElementsAre(Mood::sad));
}

}  // namespace
}  // namespace bgm
