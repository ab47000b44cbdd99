// The packed vocabulary: every token is found under its id and no other, and a file that was made to break it
// is refused while it is read.
#include "workers/tokenizers/vocabulary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bgm {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(Vocabulary, FindsEachTokenAndEachId) {
    Vocabulary vocabulary(4, 64);
    ASSERT_TRUE(vocabulary.add("cat", 7).ok());
    ASSERT_TRUE(vocabulary.add("##s", 0).ok());
    EXPECT_THAT(vocabulary.find("cat"), Optional(7U));
    EXPECT_THAT(vocabulary.find("##s"), Optional(0U));
    EXPECT_EQ(vocabulary.find("ca"), std::nullopt);
    EXPECT_EQ(vocabulary.find("cats"), std::nullopt);
    EXPECT_EQ(vocabulary.find(""), std::nullopt);
    EXPECT_EQ(vocabulary.token(7), "cat");
    EXPECT_EQ(vocabulary.token(3), "");
    EXPECT_EQ(vocabulary.token(1000), "");
    EXPECT_EQ(vocabulary.size(), 2U);
    EXPECT_EQ(vocabulary.ids_end(), 8U);
    EXPECT_EQ(vocabulary.longest_token_bytes(), 3U);
}

TEST(Vocabulary, GrowsPastWhatItWasMadeFor) {
    Vocabulary vocabulary(1, 1);
    for (int i = 0; i < 20000; ++i)
        ASSERT_TRUE(vocabulary.add("token" + std::to_string(i), i).ok());
    for (int i = 0; i < 20000; ++i)
        ASSERT_THAT(vocabulary.find("token" + std::to_string(i)), Optional(static_cast<unsigned>(i)));
}

TEST(Vocabulary, ReadsAWordAsItGrows) {
    Vocabulary vocabulary(4, 64);
    ASSERT_TRUE(vocabulary.add("##un", 1).ok());
    ASSERT_TRUE(vocabulary.add("##under", 2).ok());
    Vocabulary::Reading reading(vocabulary);
    reading.append("##");
    reading.append("un");
    EXPECT_THAT(reading.find("##", "un"), Optional(1U));
    reading.append("d");
    EXPECT_EQ(reading.find("##", "und"), std::nullopt);
    reading.append("er");
    EXPECT_THAT(reading.find("##", "under"), Optional(2U));
    EXPECT_EQ(reading.size(), 7U);
}

TEST(Vocabulary, RefusesAnIdOrATokenTwice) {
    Vocabulary vocabulary(4, 64);
    ASSERT_TRUE(vocabulary.add("cat", 1).ok());
    EXPECT_THAT(vocabulary.add("dog", 1).error().message, HasSubstr("two tokens have the id 1"));
    EXPECT_THAT(vocabulary.add("cat", 2).error().message, HasSubstr("listed twice"));
}

TEST(Vocabulary, RefusesIdsThatWouldTakeMemoryForNothing) {
    Vocabulary vocabulary(4, 64);
    EXPECT_THAT(vocabulary.add("cat", -1).error().message, HasSubstr("-1 is out of range"));
    EXPECT_EQ(vocabulary.add("cat", Vocabulary::kIdsMax).error().code, ErrorCode::corrupt);
    EXPECT_TRUE(vocabulary.add("cat", Vocabulary::kIdsMax - 1).ok());
}

// Tokens whose hashes all begin at one place of the table: without a bound, each would walk past all others.
TEST(Vocabulary, RefusesTokensMadeToCollide) {
    Vocabulary vocabulary(16, 64);
    std::int64_t id = 0;
    Status status = ok_status();
    for (std::uint64_t seed = 0; id < 4000 && status.ok(); ++seed) {
        const std::string token = std::to_string(seed);
        std::uint64_t hash = 0xCBF29CE484222325U;
        for (const char byte : token)
            hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
        if ((hash & 0xFFFU) == 0) status = vocabulary.add(token, id++);
    }
    ASSERT_FALSE(status.ok());
    EXPECT_THAT(status.error().message, HasSubstr("made to collide"));
}

}  // namespace
}  // namespace bgm
