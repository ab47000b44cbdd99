// A checkpoint is whole or it is not there: whatever a crash leaves behind is recognised, never half
// believed.
#include "ops/bgmctl/backfill/backfill_checkpoint.hpp"

#include <gtest/gtest.h>

#include "ops/bgmctl/backfill/rejected_list.hpp"
#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

const BackfillCheckpoint kCheckpoint{.lines_done = 12,
                                     .offset = 3456,
                                     .head_hash = 0xffffffffffffffff,
                                     .accepted = 7,
                                     .duplicate = 3,
                                     .rejected = 2,
                                     .rejected_bytes = 99,
                                     .complete = true};

TEST(BackfillCheckpoint, IsReadAsItWasWritten) {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.progress");
    ASSERT_TRUE(read_checkpoint(path));
    EXPECT_FALSE(read_checkpoint(path)->has_value());
    ASSERT_TRUE(write_checkpoint(path, kCheckpoint));
    ASSERT_TRUE(read_checkpoint(path));
    EXPECT_EQ(**read_checkpoint(path), kCheckpoint);
}

TEST(BackfillCheckpoint, ATornOneIsRecognised) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_checkpoint(folder.file("whole"), kCheckpoint));
    const std::string whole = folder.read("whole");
    // The last byte is the line end, which may be missing.
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
        const auto torn = read_checkpoint(folder.write("torn", whole.substr(0, length)));
        ASSERT_FALSE(torn) << length;
        EXPECT_EQ(torn.error().code, ErrorCode::corrupt);
    }
    const char* negative =
        R"({"version":1,"lines_done":-1,"offset":0,"head_hash":0,"accepted":0,"duplicate":0,"rejected":0,"rejected_bytes":0})";
    for (const char* other : {"[]", "{}", "{\"version\": 2}", "null", "\"offset\"", negative}) {
        EXPECT_FALSE(read_checkpoint(folder.write("other", other))) << other;
    }
}

TEST(BackfillCheckpoint, ACrashWhileWritingLeavesTheOldOne) {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.progress");
    ASSERT_TRUE(write_checkpoint(path, kCheckpoint));
    folder.write("a.progress.new", "{\"version\":1,\"lines_d");
    EXPECT_EQ(**read_checkpoint(path), kCheckpoint);
    EXPECT_TRUE(write_checkpoint(path, kCheckpoint)) << "and what the crash left is no obstacle";
}

TEST(BackfillCheckpoint, AFolderThatCannotBeWrittenIsAnError) {
    const auto written = write_checkpoint("/proc/none/a.progress", kCheckpoint);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().field, "/proc/none/a.progress");
}

TEST(RejectedList, CutsOffWhatTheCheckpointDoesNotCover) {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.rejected.ndjson");
    std::uint64_t covered = 0;
    {
        auto list = RejectedList::open(path, 0);
        ASSERT_TRUE(list);
        ASSERT_TRUE(list->add(
            {.line_number = 3, .post_id = "", .code = "too_large", .field = "text", .message = "m"}));
        ASSERT_TRUE(list->sync());
        covered = list->bytes();
        ASSERT_TRUE(list->add(
            {.line_number = 5, .post_id = "p", .code = "c", .field = "", .message = "written twice?"}));
    }
    {
        auto list = RejectedList::open(path, covered);
        ASSERT_TRUE(list);
        ASSERT_TRUE(
            list->add({.line_number = 5, .post_id = "p", .code = "c", .field = "", .message = "once"}));
    }
    EXPECT_EQ(folder.read("a.rejected.ndjson"),
              "{\"code\":\"too_large\",\"field\":\"text\",\"line\":3,\"message\":\"m\",\"post_id\":\"\"}\n"
              "{\"code\":\"c\",\"field\":\"\",\"line\":5,\"message\":\"once\",\"post_id\":\"p\"}\n");
    EXPECT_FALSE(RejectedList::open(path, 10'000)) << "somebody removed what the checkpoint counts on";
    ASSERT_TRUE(RejectedList::open(path, 0));
    EXPECT_FALSE(std::filesystem::exists(path)) << "a run from the beginning begins its list anew";
}

}  // namespace
}  // namespace bgm
