// The folder for large media, on a real file system: what is written reads back until it is erased, what is
// not what its message says is not read, and nothing that is not the folder's is followed, read or removed.
#include "daemon/queue/media_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "schemas/sha256.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class MediaFolderTest : public ::testing::Test {
 protected:
    void SetUp() override { fs::permissions(scratch_.path(), fs::perms::owner_all); }

    static std::string name(char digit) { return std::string(64, digit); }
    static NamedMedia media(char digit, const std::string& bytes) {
        return {.name = name(digit), .bytes = bytes.size(), .digest = sha256(bytes)};
    }
    fs::path path(const std::string& file) const { return scratch_.path() / file; }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& each : fs::directory_iterator(scratch_.path()))
            names.push_back(each.path().filename());
        return names;
    }
    ErrorCode refusal(const NamedMedia& wanted) const {
        const auto read = folder_.read(wanted);
        EXPECT_FALSE(read) << "was read";
        return read ? ErrorCode::internal : read.error().code;
    }

    testing::ScratchFolder scratch_;
    MediaFolder folder_{scratch_.path()};
};

TEST_F(MediaFolderTest, GivesBackWhatWasWrittenUntilItIsErased) {
    const std::vector<std::string> names{name('a')};
    ASSERT_TRUE(folder_.write(names[0], "bytes"));
    EXPECT_THAT(files(), UnorderedElementsAre(name('a') + ".new"));
    EXPECT_EQ(fs::status(path(name('a') + ".new")).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    for (int round = 0; round < 2; ++round) {
        const auto read = folder_.read(media('a', "bytes"));
        ASSERT_TRUE(read) << read.error().to_string();
        EXPECT_EQ(read->view(), "bytes");
        ASSERT_TRUE(folder_.keep(names));
        EXPECT_THAT(files(), UnorderedElementsAre(name('a')));
    }
    ASSERT_TRUE(folder_.write(name('b'), "others"));
    ASSERT_TRUE(folder_.erase(names));
    EXPECT_THAT(files(), UnorderedElementsAre(name('b') + ".new"));
    EXPECT_EQ(refusal(media('a', "bytes")), ErrorCode::not_found);
    // Its reader was faster than its sender.
    EXPECT_TRUE(folder_.keep(names));
    EXPECT_TRUE(folder_.erase(names));
}

TEST_F(MediaFolderTest, ReadsNothingElseThanItsMessageSays) {
    const NamedMedia wanted = media('a', "bytes");
    EXPECT_EQ(refusal(wanted), ErrorCode::not_found);
    for (const char* other : {"BYTES", "bytes and more", "byte", ""}) {
        scratch_.write(name('a'), other);
        EXPECT_EQ(refusal(wanted), ErrorCode::corrupt) << other;
    }
    fs::remove(path(name('a')));
    scratch_.write("elsewhere", "bytes");
    fs::create_symlink(path("elsewhere"), path(name('a')));
    EXPECT_EQ(refusal(wanted), ErrorCode::corrupt);
    fs::remove(path(name('a')));
    ASSERT_EQ(mkfifo(path(name('a')).c_str(), 0600), 0);
    EXPECT_EQ(refusal(wanted), ErrorCode::corrupt);
    fs::remove(path(name('a')));
    fs::create_directory(path(name('a')));
    EXPECT_EQ(refusal(wanted), ErrorCode::corrupt);
}

// A sparse file of a size that no memory has.
TEST_F(MediaFolderTest, TakesNoMemoryForMoreThanTheMessageSays) {
    scratch_.write(name('a'), "x");
    std::error_code error;
    fs::resize_file(path(name('a')), std::uintmax_t{1} << 43U, error);
    if (error) GTEST_SKIP() << "no sparse files here";
    EXPECT_EQ(refusal(media('a', "x")), ErrorCode::corrupt);
}

TEST_F(MediaFolderTest, FollowsNoLinkWhereItWrites) {
    scratch_.write("elsewhere", "untouched");
    fs::create_symlink(path("elsewhere"), path(name('a') + ".part"));
    EXPECT_FALSE(folder_.write(name('a'), "bytes"));
    EXPECT_TRUE(folder_.erase(std::vector<std::string>{name('a')}));
    EXPECT_EQ(fs::file_size(path("elsewhere")), 9U);
}

TEST_F(MediaFolderTest, RefusesAFolderThatIsNotThereOrNotItsOwn) {
    ASSERT_TRUE(folder_.check());
    const auto why = [](const std::string& folder) {
        const Status checked = MediaFolder(folder).check();
        EXPECT_FALSE(checked);
        if (checked) return std::string();
        EXPECT_EQ(checked.error().field, "queue.media_folder");
        EXPECT_EQ(checked.error().code, ErrorCode::unavailable);
        return checked.error().message;
    };
    EXPECT_THAT(why(path("absent")), HasSubstr("No such file"));
    scratch_.write("file", "");
    EXPECT_THAT(why(path("file")), HasSubstr("Not a directory"));
    fs::create_directory_symlink(scratch_.path(), path("link"));
    EXPECT_THAT(why(path("link")), HasSubstr("cannot be opened"));
    fs::permissions(scratch_.path(), fs::perms::owner_all | fs::perms::group_read);
    EXPECT_THAT(why(scratch_.path()), HasSubstr("0700"));
    EXPECT_EQ(refusal(media('a', "x")), ErrorCode::unavailable);
    EXPECT_FALSE(folder_.write(name('a'), "x"));
    EXPECT_FALSE(folder_.probe("host"));
    fs::permissions(scratch_.path(), fs::perms::owner_all);
    if (geteuid() != 0) return;
    ASSERT_EQ(chown(scratch_.path().c_str(), 1, 1), 0);
    EXPECT_THAT(why(scratch_.path()), HasSubstr("owned"));
}

TEST_F(MediaFolderTest, SweepsWhatNobodyWasPromisedAndNothingElse) {
    const std::vector<std::string> kept{name('a')};
    ASSERT_TRUE(folder_.write(kept[0], "kept"));
    ASSERT_TRUE(folder_.keep(kept));
    ASSERT_TRUE(folder_.write(name('b'), "not kept"));
    scratch_.write(name('c') + ".part", "half");
    scratch_.write("dead.probe", "1");
    for (const char* foreign : {"notes.txt", "notes.new", ".new", "ABC.part"})
        scratch_.write(foreign, "somebody's");
    scratch_.write("elsewhere", "somebody's");
    fs::create_symlink(path("elsewhere"), path(name('d') + ".new"));
    const auto now = folder_.probe("host");
    ASSERT_TRUE(now) << now.error().to_string();
    const auto early = folder_.sweep(*now - std::chrono::hours(1));
    ASSERT_TRUE(early);
    EXPECT_EQ(early->removed, 0U);
    EXPECT_EQ(files().size(), 10U);
    const auto late = folder_.sweep(*now + std::chrono::hours(1));
    ASSERT_TRUE(late);
    EXPECT_EQ(late->removed, 4U);
    EXPECT_EQ(late->left, 1U);
    EXPECT_EQ(late->left_bytes, 4U);
    EXPECT_THAT(files(),
                UnorderedElementsAre(name('a'), "notes.txt", "notes.new", ".new", "ABC.part", "elsewhere"));
}

TEST_F(MediaFolderTest, SaysThatThereIsNoRoomAndLeavesNothingBehind) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit little{.rlim_cur = 100, .rlim_max = before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
    const Status written = folder_.write(name('a'), std::string(1000, 'x'));
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::resource_exhausted);
    EXPECT_THAT(files(), UnorderedElementsAre());
}

}  // namespace
}  // namespace bgm
