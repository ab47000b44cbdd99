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

}  // namespace
}  // namespace bgm
