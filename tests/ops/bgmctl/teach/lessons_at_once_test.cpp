// Two lessons on one head: neither writes over what the other has done, and none is put in service in place
// of a head that it was not compared with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/bgmctl/teach/teach_run.hpp"
#include "ops/bgmctl/teach/teach_state.hpp"
#include "schemas/hex.hpp"
#include "tests/daemon/fleet/head_files.hpp"
#include "tests/ops/bgmctl/stand_in_daemon.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

using ::testing::HasSubstr;
using testing::head_file;

TEST(LessonsAtOnce, AreOneForAState) {
    const TemporaryFolder folder;
    const std::string path = teach_state_path(folder.file("deep/down"), "photo clip@1");
    {
        const auto first = lock_teach_state(path);
        ASSERT_TRUE(first) << first.error().to_string();
        const auto second = lock_teach_state(path);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, ErrorCode::unavailable);
        EXPECT_EQ(second.error().field, path);
        EXPECT_TRUE(lock_teach_state(teach_state_path(folder.file("deep/down"), "video clip@1")));
    }
    EXPECT_TRUE(lock_teach_state(path)) << "the first has ended";
}

TEST(LessonsAtOnce, ServeOnlyInPlaceOfWhatTheyWereComparedWith) {
    const std::string compared = head_file("clip@1", 2, "1");
    std::string serving = compared;
    StandInDaemon daemon;
    daemon.on_admin = [&](const nlohmann::json& question) {
        if (question.at("op") == "heads.show") return nlohmann::json{{"head", hex(serving)}};
        serving = from_hex(question.at("head").get<std::string>()).value();
        return nlohmann::json::object();
    };
    daemon.start();
    BgmctlContext context;
    context.settings.admin = daemon.admin_endpoint();
    context.deadline = std::chrono::seconds(10);

    JudgedLesson first{.lesson = {.head = head_file("clip@1", 2, "2")}, .in_use = compared};
    JudgedLesson second{.lesson = {.head = head_file("clip@1", 2, "3")}, .in_use = compared};
    const Status served = serve_lesson(context, first);
    ASSERT_TRUE(served) << served.error().to_string();
    const Status refused = serve_lesson(context, second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("another head serves clip@1"));
    daemon.stop();
    EXPECT_EQ(serving, first.lesson.head);
}

}  // namespace
}  // namespace bgm
