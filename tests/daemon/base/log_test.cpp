#include "daemon/base/log.hpp"

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
                             {"column",
                              "\xc2\x9b"
                              "31mred\x7f"},
                             {"not_utf8", "\xff\xfe"},
                             {"nothing", ""}});
    log_debug("too quiet to be written");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, HasSubstr(R"( worker=image-0 line="a\nb level=error \"c\" \\ \r\t" colour=")"));
    EXPECT_THAT(text, EndsWith("nothing=\"\"\n"));
    for (const char* steering : {"\x1b", "\xc2\x9b", "\x7f"})
        EXPECT_THAT(text, Not(HasSubstr(steering))) << "no reader's terminal is steered";
    EXPECT_THAT(text, HasSubstr(R"(column="\u009b31mred\u007f")"));
}

}  // namespace
}  // namespace bgm
