// What a pick says of media in words: what was seen is named, and nothing is said of what was not.
#include "daemon/pipeline/asset_facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bgm {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

v1::Output output(const std::string& modality, const std::map<std::string, float>& facts) {
    v1::Output made;
    made.set_modality(modality);
    made.set_model("m-1");
    for (const auto& [fact, value] : facts)
        (*made.mutable_facts())[fact] = value;
    return made;
}

v1::Pick pick_of(const std::vector<v1::Output>& outputs) {
    v1::Pick pick;
    add_facts(pick, {.modality = "image", .asset_id = "a1", .outputs = outputs, .heads = nullptr});
    return pick;
}

std::string summary(const std::map<std::string, float>& facts) {
    return pick_of({output("image", facts)}).facts(0).summary();
}

TEST(AssetFacts, SaysInWordsWhatIsLikely) {
    EXPECT_EQ(summary({{"faces", 2}, {"smiling", 0.9F}, {"face_sad", 0.1F}}), "2 faces, smiling");
    EXPECT_EQ(summary({{"faces", 1}, {"face_sad", 0.5F}}), "1 face, sad");
    EXPECT_EQ(summary({{"text_letters", 12}, {"not_safe_for_work", 0.8F}}), "text read, not safe for work");
    EXPECT_EQ(summary({{"speech", 0.7F}, {"music", 0.2F}}), "speech");
    EXPECT_EQ(summary({{"tone", 1}}), "tone");
    EXPECT_EQ(summary({{"faces", 0}, {"brightness", 1}}), "");
}

TEST(AssetFacts, KeepEveryModelThatMeasuredSomethingAndWhatWasRead) {
    v1::Output read = output("image", {});
    read.set_text("하루하루\nday by day");
    const v1::Pick pick = pick_of({output("image", {{"width_px", 640}}), output("image", {}), read});
    ASSERT_EQ(pick.facts_size(), 2);
    EXPECT_EQ(pick.facts(0).asset_id(), "a1");
    EXPECT_EQ(pick.facts(0).model(), "m-1");
    EXPECT_THAT(pick.facts(0).values(), UnorderedElementsAre(Pair("width_px", 640)));
    EXPECT_EQ(pick.facts(1).text(), "하루하루 day by day") << "in one line";
}

TEST(AssetFacts, SayNothingOfThePostsOwnText) {
    EXPECT_EQ(pick_of({output("text", {{"tokens", 4}})}).facts_size(), 0);
}

}  // namespace
}  // namespace bgm
