// Comments that a person has judged: known by a hash of their text, and what is refused.
#include "ops/lab/train/judged_comments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/daemon/base/scratch_folder.hpp"
#include "workers/text/grave_words.hpp"

namespace bgm::train {
namespace {

using ::testing::HasSubstr;

Result<JudgedComments> read(const std::string& text) {
    const testing::ScratchFolder folder;
    return JudgedComments::read(folder.write("judged.tsv", text));
}

// The hashes are those of the definition of FNV-1a: of "", "a" and "foobar".
TEST(JudgedComments, KnowsACommentByTheHashOfItsText) {
    const auto judged =
        read("# what\ncbf29ce484222325\tdeath;illness\naf63dc4c8601ec8c\t-\n85944171f73967e8\t?\n");
    ASSERT_TRUE(judged) << judged.error().to_string();
    EXPECT_EQ(judged->of("").value().subjects, kGraveDeath | kGraveIllness);
    EXPECT_FALSE(judged->of("").value().doubtful);
    EXPECT_EQ(judged->of("a").value().subjects, 0);
    EXPECT_FALSE(judged->of("a").value().doubtful);
    EXPECT_TRUE(judged->of("foobar").value().doubtful);
    EXPECT_FALSE(judged->of("b"));
}

TEST(JudgedComments, NamesTheLineOfAMistake) {
    for (const auto& [text, message] :
         {std::pair{"# what\naf63dc4c8601ec8c\tdead\n", ":2: 'dead' is no subject"},
          {"af63dc4c8601ec8\t-\n", ":1: expected a hash of 16 digits"},
          {"af63dc4c8601ec8cc\t-\n", ":1: expected a hash of 16 digits"},
          {"af63dc4c8601ecxx\t-\n", ":1: expected a hash of 16 digits"},
          {"af63dc4c8601ec8c\n", ":1: expected a hash of 16 digits"}}) {
        const auto judged = read(text);
        ASSERT_FALSE(judged) << text;
        EXPECT_THAT(judged.error().message, HasSubstr(message));
    }
    EXPECT_EQ(JudgedComments::read("/nowhere/judged.tsv").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace bgm::train
