// Digests are those that every other program makes, and are known again in either spelling.
#include "daemon/base/digest.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

std::string hex(std::string_view raw) {
    std::string text;
    for (const unsigned char byte : raw) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

TEST(Digests, AreThoseOfTheStandard) {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2
    EXPECT_EQ(hex(sha256("abc")), abc);
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_TRUE(same_digest(abc, sha256("abc")));
    EXPECT_TRUE(
        same_digest("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", sha256("abc")));
    EXPECT_FALSE(same_digest(abc, sha256("abd")));
    EXPECT_FALSE(same_digest(abc.substr(2), sha256("abc")));
    EXPECT_FALSE(same_digest("", sha256("abc")));
}

}  // namespace
}  // namespace bgm
