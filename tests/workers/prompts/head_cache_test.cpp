// The cache of heads: what is kept comes back bit for bit or not at all, and the folder does not grow.
#include "workers/prompts/head_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "schemas/sha256.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using testing::ScratchFolder;

std::string key(int number) {
    return sha256_hex(std::to_string(number));
}

class HeadCacheTest : public ::testing::Test {
 protected:
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder()), fs::directory_iterator()));
    }
    fs::path folder() const { return scratch_.path() / "cache" / "heads"; }
    fs::path file(const std::string& key) const { return folder() / (key + ".head"); }
    /// As if it had last been used so many minutes ago.
    void age(const std::string& key, int minutes) const {
        fs::last_write_time(file(key), fs::file_time_type::clock::now() - std::chrono::minutes(minutes));
    }

    ScratchFolder scratch_;
    HeadCache cache_{folder()};
};

TEST_F(HeadCacheTest, GivesBackWhatWasKept) {
    const std::string head("zero \0 and more", 15);
    EXPECT_FALSE(cache_.load(key(1)));
    ASSERT_TRUE(cache_.store(key(1), head));
    EXPECT_EQ(cache_.load(key(1)), head);
    EXPECT_FALSE(cache_.load(key(2)));
    ASSERT_TRUE(cache_.store(key(1), "another"));
    EXPECT_EQ(cache_.load(key(1)), "another");
}

TEST_F(HeadCacheTest, TakesADamagedFileForMissing) {
    ASSERT_TRUE(cache_.store(key(1), std::string(1000, 'x')));
    std::fstream(file(key(1)), std::ios::in | std::ios::out).seekp(500).put('y');
    EXPECT_FALSE(cache_.load(key(1)));
    ASSERT_TRUE(cache_.store(key(1), std::string(1000, 'x')));
    fs::resize_file(file(key(1)), 900);
    EXPECT_FALSE(cache_.load(key(1)));
    fs::resize_file(file(key(1)), 10);
    EXPECT_FALSE(cache_.load(key(1)));
    ASSERT_TRUE(cache_.store(key(1), "sound"));
    EXPECT_EQ(cache_.load(key(1)), "sound");
}

TEST_F(HeadCacheTest, KeepsTheEightThatWereUsedLast) {
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(cache_.store(key(i), "head"));
        age(key(i), 100 - i);
    }
    ASSERT_TRUE(cache_.load(key(0)));  // the oldest, but used just now
    ASSERT_TRUE(cache_.store(key(8), "head"));
    EXPECT_EQ(files(), 8U);
    EXPECT_TRUE(cache_.load(key(0)));
    EXPECT_FALSE(cache_.load(key(1)));
    EXPECT_TRUE(cache_.load(key(2)));
}

TEST_F(HeadCacheTest, ClearsAwayWhatAWriterLeftThatDied) {
    ASSERT_TRUE(cache_.store(key(0), "head"));
    const std::string left = key(9) + ".head.4711";
    std::ofstream(folder() / left) << "half a he";
    fs::last_write_time(folder() / left, fs::file_time_type::clock::now() - std::chrono::hours(1));
    std::ofstream(folder() / "notes.txt") << "not ours";
    for (int i = 1; i < 9; ++i)
        ASSERT_TRUE(cache_.store(key(i), "head"));
    EXPECT_FALSE(fs::exists(folder() / left));
    EXPECT_TRUE(fs::exists(folder() / "notes.txt"));
}

TEST_F(HeadCacheTest, SaysWhereItCannotWrite) {
    scratch_.write("occupied", "a file");
    const HeadCache cache(scratch_.path() / "occupied");
    const auto stored = cache.store(key(1), "head");
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, ErrorCode::unavailable);
    EXPECT_FALSE(cache.load(key(1)));
}

TEST_F(HeadCacheTest, KeepsNothingWithoutAFolder) {
    const HeadCache none({});
    EXPECT_TRUE(none.store(key(1), "head"));
    EXPECT_FALSE(none.load(key(1)));
}

TEST(HexDigest, IsSha256) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace bgm
