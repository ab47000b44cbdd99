// Media on the disk: what is stored reads back with its digest and is gone when it is erased; and a file: URI
// reaches regular files below the media root and nothing else, whatever lies there.
#include "daemon/journal/media_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <latch>

#include "schemas/sha256.hpp"
#include "tests/daemon/base/scratch_folder.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using testing::ScratchFolder;
using ::testing::SizeIs;

class MediaStoreTest : public ::testing::Test {
 protected:
    void SetUp() override {
        fs::create_directory(root());
        auto opened = MediaStore::open(media(), root());
        ASSERT_TRUE(opened) << opened.error().to_string();
        store_ = std::move(*opened);
    }

    fs::path media() const { return folder_.path() / "media"; }
    fs::path root() const { return folder_.path() / "root"; }

    Result<MediaStore::Stored> store(const std::vector<std::string>& contents) {
        Frames frames;
        for (const std::string& content : contents)
            frames.emplace_back(content);
        std::promise<Result<MediaStore::Stored>> told;
        auto future = told.get_future();
        EXPECT_TRUE(store_->store(std::move(frames), 1 << 30, [&](Result<MediaStore::Stored> stored) {
            told.set_value(std::move(stored));
        }));
        return future.get();
    }

    ScratchFolder folder_;
    std::unique_ptr<MediaStore> store_;
};

class UnixSocket {
 public:
    explicit UnixSocket(const fs::path& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    ~UnixSocket() { close(fd_); }
    UnixSocket(const UnixSocket&) = delete;
    UnixSocket& operator=(const UnixSocket&) = delete;

 private:
    int fd_;
};

TEST_F(MediaStoreTest, GivesBackWhatItStored) {
    const std::string large(300'000, 'L');
    const auto stored = store({large, std::string("\0\xFF", 2)});
    ASSERT_TRUE(stored);
    ASSERT_THAT(stored->digests, SizeIs(2));
    EXPECT_EQ(stored->digests[0], sha256(large));
    const auto first = store_->read_inline(stored->folder, 0);
    const auto second = store_->read_inline(stored->folder, 1);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->view(), large);
    EXPECT_EQ(second->view(), std::string_view("\0\xFF", 2));
    EXPECT_EQ(store_->read_inline(stored->folder, 2).error().code, ErrorCode::not_found);
}

TEST_F(MediaStoreTest, GivesEveryPostAFolderOfItsOwn) {
    const auto first = store({"1"});
    const auto second = store({"2"});
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_NE(first->folder, second->folder);
    store_->erase(first->folder);
    store_->erase(first->folder);  // twice is no matter
    store_->erase("");
    store_.reset();  // what was asked for is done by then
    store_ = std::move(*MediaStore::open(media(), ""));
    EXPECT_EQ(store_->read_inline(first->folder, 0).error().code, ErrorCode::not_found);
    EXPECT_TRUE(store_->read_inline(second->folder, 0));
    EXPECT_TRUE(fs::exists(media()));
}

// The disk may take its time: whoever asks for an erasure goes on at once, and so do those who store.
TEST_F(MediaStoreTest, NobodyWaitsForAnErasure) {
    constexpr std::size_t kFolders = 200;
    std::vector<std::string> folders;
    for (std::size_t i = 0; i < kFolders; ++i)
        folders.push_back(store({"x"})->folder);
    std::latch at_work(1);
    std::latch go_on(1);
    Frames frames;
    frames.emplace_back("y");
    ASSERT_TRUE(store_->store(std::move(frames), 1 << 30, [&](const Result<MediaStore::Stored>&) {
        at_work.count_down();
        go_on.wait();
    }));
    at_work.wait();
    // The store's thread stands still: what these did themselves would show.
    for (const std::string& folder : folders)
        store_->erase(folder);
    const auto there = [&] {
        return static_cast<std::size_t>(std::ranges::count_if(
            folders, [&](const std::string& folder) { return fs::exists(media() / folder); }));
    };
    EXPECT_EQ(there(), kFolders);
    std::promise<std::size_t> left;
    frames.clear();
    frames.emplace_back("z");
    ASSERT_TRUE(store_->store(std::move(frames), 1 << 30,
                              [&](const Result<MediaStore::Stored>&) { left.set_value(there()); }));
    go_on.count_down();
    EXPECT_GE(left.get_future().get(), kFolders / 2) << "a post that is to be stored goes before";
    store_.reset();
    EXPECT_EQ(there(), 0U);
}

TEST_F(MediaStoreTest, CountsWhatWasErasedAsRoom) {
    store_ = std::move(*MediaStore::open(media(), "", 100));
    for (int i = 0; i < 20; ++i) {
        const auto stored = store({std::string(60, 'x')});
        ASSERT_TRUE(stored) << i << ": " << stored.error().to_string();
        store_->erase(stored->folder);
    }
    ASSERT_TRUE(store({std::string(60, 'x')}));
    EXPECT_EQ(store({std::string(60, 'x')}).error().code, ErrorCode::resource_exhausted);
}

// For a queue that carries the bytes itself.
TEST_F(MediaStoreTest, HashesWithoutStoring) {
    Frames frames;
    frames.emplace_back(std::string("elsewhere"));
    std::promise<Result<MediaStore::Stored>> told;
    const auto kept = std::make_shared<const Frames>(std::move(frames));
    ASSERT_TRUE(store_->digest(
        kept, 9, [&](Result<MediaStore::Stored> stored) { told.set_value(std::move(stored)); }));
    const auto hashed = told.get_future().get();
    ASSERT_TRUE(hashed);
    EXPECT_EQ(hashed->folder, "");
    EXPECT_EQ(hashed->digests, std::vector{sha256("elsewhere")});
    EXPECT_TRUE(fs::is_empty(media()));
    EXPECT_FALSE(store_->digest(kept, 8, [](const auto&) { FAIL() << "more than may wait"; }));
}

TEST_F(MediaStoreTest, IsForItsOwnersEyesOnly) {
    const auto stored = store({"x"});
    ASSERT_TRUE(stored);
    EXPECT_EQ(fs::status(media()).permissions(), fs::perms::owner_all);
    EXPECT_EQ(
        fs::status(media() / stored->folder).permissions() & (fs::perms::group_all | fs::perms::others_all),
        fs::perms::none);
}

TEST_F(MediaStoreTest, ErasesWhatNoPostNeedsAfterARestart) {
    const auto kept = store({"kept"});
    const auto orphan = store({"orphan"});
    ASSERT_TRUE(kept.ok() && orphan.ok());
    store_.reset();
    store_ = std::move(*MediaStore::open(media(), ""));
    store_->erase_all_but({kept->folder});
    EXPECT_TRUE(store_->read_inline(kept->folder, 0));
    EXPECT_FALSE(fs::exists(media() / orphan->folder));
    const auto next = store({"next"});
    ASSERT_TRUE(next);
    EXPECT_NE(next->folder, kept->folder);
}

TEST_F(MediaStoreTest, TakesNoMoreThanItsQueueHolds) {
    std::latch busy(1);
    std::latch held(1);
    const auto frames = [](std::size_t bytes) {
        Frames made;
        made.emplace_back(std::string(bytes, 'x'));
        return made;
    };
    ASSERT_TRUE(store_->store(frames(10), 100, [&](const auto&) {
        busy.count_down();
        held.wait();
    }));
    busy.wait();
    std::promise<void> second;
    EXPECT_TRUE(store_->store(frames(90), 100, [&](const auto&) { second.set_value(); }));
    EXPECT_FALSE(store_->store(frames(1), 100, [](const auto&) { FAIL() << "was refused"; }));
    held.count_down();
    EXPECT_EQ(second.get_future().wait_for(20s), std::future_status::ready);
}

// As many reads hang as there may be: a post is made durable all the same, and whoever asks for more than can
// wait is told at once.
TEST_F(MediaStoreTest, ReadsThatHangHoldUpNeitherWhatIsStoredNorWhoeverAsks) {
    std::latch held(1);
    std::promise<void> all;
    std::atomic<std::size_t> answered{0};
    std::atomic<std::size_t> refused{0};
    const auto hang = [&]() -> Result<Frame> {
        held.wait();
        return Frame(std::string("late"));
    };
    const std::size_t asked = MediaStore::kReadsWaitingMax + 100;
    for (std::size_t i = 0; i < asked; ++i) {
        store_->read(hang, false, [&](const Result<ReadMedia>& media) {
            if (!media && media.error().code == ErrorCode::unavailable) ++refused;
            if (++answered == asked) all.set_value();
        });
    }
    EXPECT_EQ(answered, refused) << "nothing else has ended";
    EXPECT_GE(refused, 90U) << "what neither hangs nor waits";
    EXPECT_TRUE(store({"x"}));
    std::promise<std::string> last;
    held.count_down();
    ASSERT_EQ(all.get_future().wait_for(20s), std::future_status::ready);
    store_->read([] { return Result<Frame>(Frame(std::string("abc"))); }, true,
                 [&](Result<ReadMedia> media) { last.set_value(media->digest); });
    EXPECT_EQ(last.get_future().get(), sha256("abc"));
}

TEST_F(MediaStoreTest, SaysSoWhereThereIsNoMemoryToReadInto) {
    std::promise<ErrorCode> told;
    store_->read([]() -> Result<Frame> { throw std::bad_alloc(); }, false,
                 [&](const Result<ReadMedia>& media) { told.set_value(media.error().code); });
    EXPECT_EQ(told.get_future().get(), ErrorCode::resource_exhausted);
}

TEST_F(MediaStoreTest, SaysSoWhenItCannotStore) {
    fs::remove_all(media());
    const auto stored = store({"x"});
    ASSERT_FALSE(stored);
    EXPECT_THAT(stored.error().message, HasSubstr("cannot be stored"));
}

TEST_F(MediaStoreTest, ReadsAFileBelowTheRoot) {
    folder_.write("root/a/b.jpg", "picture");
    const auto file = store_->read_file("a/b.jpg", 7);
    ASSERT_TRUE(file) << file.error().to_string();
    EXPECT_EQ(file->view(), "picture");
    fs::create_symlink("b.jpg", root() / "a/link.jpg");
    EXPECT_TRUE(store_->read_file("a/link.jpg", 7)) << "a link that stays inside is followed";
}

// What a stranger may name, or what somebody may have left below the root.
TEST_F(MediaStoreTest, ReadsNothingElse) {
    folder_.write("secret", "outside");
    folder_.write("root/large", "12345678");
    folder_.write("root/empty", "");
    fs::create_directory(root() / "folder");
    fs::create_symlink("../secret", root() / "relative");
    fs::create_symlink(folder_.path() / "secret", root() / "absolute");
    fs::create_directory_symlink("..", root() / "up");
    fs::create_symlink("loop", root() / "loop");
    ASSERT_EQ(mkfifo((root() / "fifo").c_str(), S_IRUSR | S_IWUSR), 0);
    const UnixSocket socket(root() / "socket");
    struct Case {
        std::string path;
        ErrorCode code;
    };
    const std::vector<Case> cases{
        {"../secret", ErrorCode::invalid_argument},
        {"folder/../../secret", ErrorCode::invalid_argument},
        {(folder_.path() / "secret").string(), ErrorCode::invalid_argument},
        {"/etc/passwd", ErrorCode::invalid_argument},
        {"relative", ErrorCode::invalid_argument},
        {"absolute", ErrorCode::invalid_argument},
        {"up/secret", ErrorCode::invalid_argument},
        {"loop", ErrorCode::invalid_argument},
        {"fifo", ErrorCode::unsupported},
        {"socket", ErrorCode::unsupported},
        {"folder", ErrorCode::unsupported},
        {".", ErrorCode::unsupported},
        {"empty", ErrorCode::corrupt},
        {"large", ErrorCode::too_large},
        {"missing", ErrorCode::not_found},
        {"large/below-a-file", ErrorCode::not_found},
        {std::string(300, 'n'), ErrorCode::not_found},
    };
    for (const Case& bad : cases) {
        const auto file = store_->read_file(bad.path, 7);
        ASSERT_FALSE(file) << bad.path;
        EXPECT_EQ(name(file.error().code), name(bad.code)) << bad.path << ": " << file.error().message;
        EXPECT_FALSE(retryable(file.error().code)) << bad.path << " will not be better next time";
    }
}

TEST_F(MediaStoreTest, ReadsNoFilesWithoutARoot) {
    const auto store = MediaStore::open(folder_.path() / "other", "");
    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->read_file("a", 7).error().code, ErrorCode::unsupported);
    const auto absent = MediaStore::open(folder_.path() / "other", folder_.path() / "no root");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().field, "media.root");
    EXPECT_NE(absent.error().message.find("no root: No such file or directory"), std::string::npos)
        << absent.error().message;
}

}  // namespace
}  // namespace bgm
