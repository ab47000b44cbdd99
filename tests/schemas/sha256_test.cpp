// Digests are those that every other program makes, and are known again in either spelling.
#include "schemas/sha256.hpp"

#include <gtest/gtest.h>

namespace bgm {
namespace {

TEST(Digests, AreThoseOfTheStandard) {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2
    EXPECT_EQ(sha256_hex("abc"), abc);
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_TRUE(same_digest(abc, sha256("abc")));
    EXPECT_TRUE(
        same_digest("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", sha256("abc")));
    EXPECT_FALSE(same_digest(abc, sha256("abd")));
    EXPECT_FALSE(same_digest(abc.substr(2), sha256("abc")));
    EXPECT_FALSE(same_digest("", sha256("abc")));
}

}  // namespace
}  // namespace bgm
