#include "daemon/log.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace bgm {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Log, AFieldIsOneLineWhateverItHolds) {
    testing::internal::CaptureStderr();
    start_log("info", "text");
    log_info("worker says", {{"worker", "image-0"},
                             {"line", "a\nb level=error \"c\" \\ \r\t"},
                             {"colour", "\x1b[31mred"},
                             {"not_utf8", "\xff\xfe"},
                             {"nothing", ""}});
    log_debug("too quiet to be written");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, HasSubstr(R"( worker=image-0 line="a\nb level=error \"c\" \\ \r\t" colour=")"));
    EXPECT_THAT(text, EndsWith("nothing=\"\"\n"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "no reader's terminal is steered";
}

}  // namespace
}  // namespace bgm
