// Half a file survives from run to run with the name of its version, and two processes never write one.
#include "ops/bgmctl/models/partial_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/ops/bgmctl/temporary_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

std::span<const char> text(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

TEST(PartialFile, KeepsItsBytesAndTheirVersion) {
    const TemporaryFolder folder;
    const std::string path = folder.file("w.partial");
    {
        auto file = PartialFile::open(path);
        ASSERT_TRUE(file);
        EXPECT_EQ(file->bytes(), 0U);
        ASSERT_TRUE(file->begin_anew("\"v1\""));
        ASSERT_TRUE(file->append(text("abc")));
        ASSERT_TRUE(file->sync());
    }
    auto file = PartialFile::open(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->bytes(), 3U);
    EXPECT_EQ(file->version(), "\"v1\"");
    ASSERT_TRUE(file->append(text("de")));
    EXPECT_EQ(folder.read("w.partial"), "abcde");
    ASSERT_TRUE(file->begin_anew(""));
    ASSERT_TRUE(file->append(text("x")));
    EXPECT_EQ(folder.read("w.partial"), "x");
    EXPECT_FALSE(fs::exists(path + ".etag")) << "nothing is known of the version";
}

TEST(PartialFile, BelongsToOneAtATime) {
    const TemporaryFolder folder;
    const std::string path = folder.file("w.partial");
    std::optional<PartialFile> first = std::move(*PartialFile::open(path));
    const auto second = PartialFile::open(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("another process"), std::string::npos);
    EXPECT_TRUE(fs::exists(path)) << "who comes too late takes nothing away";
    ASSERT_TRUE(first->append(text("a")));
    first.reset();
    EXPECT_TRUE(PartialFile::open(path));
}

TEST(PartialFile, LeavesNothingWhereNothingCame) {
    const TemporaryFolder folder;
    { ASSERT_TRUE(PartialFile::open(folder.file("w.partial"))); }
    EXPECT_FALSE(fs::exists(folder.file("w.partial")));
    fs::create_symlink("/dev/null", folder.file("w.partial"));
    EXPECT_FALSE(PartialFile::open(folder.file("w.partial"))) << "a link would be written through";
}

}  // namespace
}  // namespace bgm
