// A mistake in a setting is told at once, and costs nothing but that: the folder starts again without it.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "tests/end_to_end/stack.hpp"

namespace bgm::test {
namespace {

TEST(SandboxSettings, AreKeptOnlyWhereTheStackCameUpWithThem) {
    Stack stack(Stack::Options{.mysql = false,
                               .settings = {"workers.image=0", "workers.audio=0", "workers.video=0"}});
    const auto kept = [&] {
        std::ostringstream text;
        text << std::ifstream(stack.folder() / "settings").rdbuf();
        return text.str();
    };
    const std::string before = kept();
    EXPECT_THAT(before, testing::HasSubstr("workers.image=0"));
    EXPECT_FALSE(stack.up_with({"posts.nonsense=1"})) << "also while bgmd runs";
    EXPECT_EQ(kept(), before);
    stack.down();
    EXPECT_FALSE(stack.up_with({"dispatch.window=many"}));
    EXPECT_EQ(kept(), before);
    // Right in its form, and no address of this host.
    EXPECT_FALSE(stack.up_with({"http.listen=203.0.113.1:1"}));
    EXPECT_EQ(kept(), before);
    EXPECT_TRUE(stack.up_with({"dispatch.window=100"}));
    EXPECT_EQ(kept(), before + "dispatch.window=100\n");
    stack.down();
    EXPECT_TRUE(stack.up_with({}));
}

}  // namespace
}  // namespace bgm::test
