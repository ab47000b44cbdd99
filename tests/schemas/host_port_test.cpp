// Lists of servers as a configuration names them.
#include "schemas/host_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(HostPort, IsAHostAndAPort) {
    EXPECT_EQ(read_host_port("db.example:3306"), (HostPort{"db.example", 3306}));
    EXPECT_EQ(read_host_port("[::1]:65535"), (HostPort{"::1", 65535}));
    for (const char* text : {"db:3306", "[::1]:1", "10.0.0.1:65535"})
        EXPECT_EQ(read_host_port(text)->text(), text);
    for (const char* wrong :
         {"", ":", "db", "db:", ":3306", "[]:1", "db:0", "db:65536", "db:-1", "db:1x", "db: 1"})
        EXPECT_FALSE(read_host_port(wrong)) << wrong;
}

TEST(HostPort, AListNamesTheWordThatIsNone) {
    EXPECT_THAT(*read_host_ports(""), IsEmpty());
    EXPECT_THAT(*read_host_ports("  a:1\tb:2 "), ElementsAre(HostPort{"a", 1}, HostPort{"b", 2}));
    const auto wrong = read_host_ports("a:1 b\x1b c:3");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(wrong.error().message, HasSubstr("'b'"));
}

}  // namespace
}  // namespace bgm
