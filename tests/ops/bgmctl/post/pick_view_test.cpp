// A pick as a person reads it.
#include "ops/bgmctl/post/pick_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace bgm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string view(const v1::Pick& pick, const AssetNames& names = {}) {
    std::ostringstream out;
    print_pick(out, pick, names);
    return out.str();
}

TEST(PickView, SaysWhatThePhotosShow) {
    v1::Pick pick;
    pick.set_mood("calm");
    EXPECT_THAT(view(pick), Not(HasSubstr("shows")));
    auto& first = *pick.add_captions();
    first.set_asset_id("a0");
    first.set_text("a dog on a beach");
    auto& second = *pick.add_captions();
    second.set_asset_id("a1");
    second.set_text("red\x1b[31m");
    const std::string text = view(pick, {{"a0", "dog.jpg"}});
    EXPECT_THAT(text, HasSubstr("shows       dog.jpg: a dog on a beach\n            a1: red"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "whatever strangers wrote";
}

// Thirteen moods that are all alike have no strongest one.
TEST(PickView, NamesNoMoodWhereThereIsNothingToFeel) {
    v1::Pick pick;
    pick.set_mood("amusing");
    pick.set_confidence(0.004F);
    pick.set_ambiguous(true);
    pick.add_likely_moods("calm");
    pick.add_likely_moods("dreamy");
    const std::string shown = view(pick);
    EXPECT_THAT(shown, HasSubstr("mood        ambiguous: there is nothing to feel in it\n"));
    EXPECT_THAT(shown, HasSubstr("the tracks are safe for calm, dreamy\n"));
    EXPECT_THAT(shown, Not(HasSubstr("amusing")));
    EXPECT_THAT(shown, Not(HasSubstr("0%")));
    while (pick.likely_moods_size() < 13)
        pick.add_likely_moods("another");
    EXPECT_THAT(view(pick), HasSubstr("the tracks are safe for every mood\n"));
    pick.set_confidence(0.2F);
    EXPECT_THAT(view(pick), HasSubstr("amusing"));
}

TEST(PickView, SaysWhatWasSeenAndReadAndInWhich) {
    v1::Pick pick;
    pick.set_mood("calm");
    EXPECT_THAT(view(pick), Not(HasSubstr("seen")));
    auto& photo = *pick.add_facts();
    photo.set_asset_id("a0");
    photo.set_modality("image");
    photo.set_summary("text read");
    photo.set_text("so\x1b[31m tired");
    pick.add_facts()->set_modality("audio");  // nothing to tell of it
    auto& text = *pick.add_facts();
    text.set_modality("text");
    text.set_summary("hardly anything to feel");
    const std::string shown = view(pick, {{"a0", "dog.jpg"}});
    EXPECT_THAT(shown, HasSubstr("seen        dog.jpg: text read: \"so"));
    EXPECT_THAT(shown, HasSubstr("\n            text: hardly anything to feel\n"))
        << "the post's own has no name";
    EXPECT_THAT(shown, Not(HasSubstr("\x1b"))) << "whatever strangers wrote";
}

}  // namespace
}  // namespace bgm
