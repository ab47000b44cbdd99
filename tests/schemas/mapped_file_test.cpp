// Idea: a mapped file is read in place, and costs no memory of the process once its pages are released; what
// is no file is refused without waiting for it.
#include "schemas/mapped_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <string>

namespace bgm {
namespace {

constexpr std::size_t kBytes = 4U << 20U;

class MappedFileTest : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "bgm-mapped-XXXXXX").string();
        const int descriptor = mkstemp(pattern.data());
        ASSERT_GE(descriptor, 0);
        close(descriptor);
        path_ = pattern;
        std::ofstream(path_, std::ios::binary) << std::string(kBytes, 'x');
    }
    void TearDown() override { std::filesystem::remove(path_); }

    // What this process holds of the mapping, as the kernel counts it.
    static std::size_t resident_bytes(const MappedFile& file) {
        std::array<char, 32> first{};
        snprintf(first.data(), first.size(), "%lx-", reinterpret_cast<std::uintptr_t>(file.bytes().data()));
        std::ifstream maps("/proc/self/smaps");
        std::string line;
        while (std::getline(maps, line) && !line.starts_with(first.data())) {
        }
        while (std::getline(maps, line))
            if (line.starts_with("Rss:")) return std::stoul(line.substr(4)) * 1024;
        return 0;
    }

    static std::size_t sum(const MappedFile& file) {
        std::size_t total = 0;
        for (const std::byte byte : file.bytes())
            total += std::to_integer<std::size_t>(byte);
        return total;
    }

    std::filesystem::path path_;
};

TEST_F(MappedFileTest, ReleasedPagesCostNothingAndComeBack) {
    const auto file = MappedFile::open(path_);
    ASSERT_TRUE(file) << file.error().to_string();
    EXPECT_EQ(sum(*file), kBytes * 'x');
    EXPECT_EQ(resident_bytes(*file), kBytes);
    file->release_pages();
    EXPECT_EQ(resident_bytes(*file), 0U);
    EXPECT_EQ(sum(*file), kBytes * 'x');
}

TEST_F(MappedFileTest, AnEmptyFileHasNoBytes) {
    std::ofstream(path_, std::ios::trunc).close();
    const auto file = MappedFile::open(path_);
    ASSERT_TRUE(file) << file.error().to_string();
    EXPECT_TRUE(file->bytes().empty());
    EXPECT_EQ(file->text(), "");
    file->release_pages();
}

TEST_F(MappedFileTest, WhatIsNoFileIsRefusedUnderItsName) {
    const auto refusal = [](const std::filesystem::path& path) { return MappedFile::open(path).error(); };
    EXPECT_EQ(refusal(path_.string() + ".absent").code, ErrorCode::not_found);
    EXPECT_EQ(refusal(path_ / "below").code, ErrorCode::not_found);
    EXPECT_EQ(refusal(path_.parent_path()).code, ErrorCode::unsupported);
    EXPECT_EQ(refusal(path_.parent_path()).field, path_.parent_path());
}

TEST_F(MappedFileTest, OpeningAPipeDoesNotWaitForAWriter) {
    std::filesystem::remove(path_);
    ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(MappedFile::open(path_).error().code, ErrorCode::unsupported);
}

using ShrunkenFileDeathTest = MappedFileTest;

TEST_F(ShrunkenFileDeathTest, EndsTheProgramWithASentence) {
    EXPECT_EXIT(
        {
            explain_shrunken_files("reader");
            const auto file = MappedFile::open(path_);
            std::filesystem::resize_file(path_, 0);
            std::fprintf(stderr, "%zu", sum(*file));
        },
        ::testing::ExitedWithCode(1), "^reader: a file was cut short while it was being read");
}

}  // namespace
}  // namespace bgm
