// A mapped file is read in place, and costs no memory of the process once its pages are released.
#include "workers/mapped_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdint>
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

TEST_F(MappedFileTest, WhatIsNoFileWithContentIsRefused) {
    EXPECT_EQ(MappedFile::open(path_.string() + ".absent").error().code, ErrorCode::not_found);
    EXPECT_EQ(MappedFile::open(path_.parent_path()).error().code, ErrorCode::corrupt);
    std::ofstream(path_, std::ios::trunc).close();
    EXPECT_EQ(MappedFile::open(path_).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace bgm
