// The threads at the media folder: a folder that is away is waited for and said, what is to be erased is
// erased in the end, and what waits is bounded.
#include "daemon/queue/shared_media.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "schemas/sha256.hpp"
#include "tests/daemon/base/scratch_folder.hpp"
#include "tests/eventually.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""ms;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SharedMediaTest : public ::testing::Test {
 protected:
    void SetUp() override {
        fs::create_directory(folder());
        close_folder();
    }
    fs::path folder() const { return scratch_.path() / "media"; }
    void close_folder() const { fs::permissions(folder(), fs::perms::owner_all); }
    /// It is not bgmd's alone any more, and so it is not touched.
    void open_folder() const { fs::permissions(folder(), fs::perms::all); }

    void start(SharedMedia::Options options = {}) {
        options.folder = folder();
        options.again = 1ms;
        options.probe_period = 1ms;
        auto opened = SharedMedia::open(options);
        ASSERT_TRUE(opened) << opened.error().to_string();
        media_ = *std::move(opened);
    }
    static std::string name(char digit) { return std::string(64, digit); }
    static NamedMedia file(char digit, const std::string& bytes) {
        return {.name = name(digit), .bytes = bytes.size(), .digest = sha256(bytes)};
    }
    Status write(char digit, const std::string& bytes) {
        Frames frames;
        frames.emplace_back(bytes);
        std::promise<Status> told;
        media_->write({name(digit)}, std::make_shared<const Frames>(std::move(frames)),
                      [&](const Status& written) { told.set_value(written); });
        return told.get_future().get();
    }
    std::future<Result<Frames>> read(std::vector<NamedMedia> files) {
        auto told = std::make_shared<std::promise<Result<Frames>>>();
        media_->read(std::move(files), [told](Result<Frames> read) { told->set_value(std::move(read)); });
        return told->get_future();
    }
    bool empty() const { return fs::is_empty(folder()); }

    testing::ScratchFolder scratch_;
    std::unique_ptr<SharedMedia> media_;
};

TEST_F(SharedMediaTest, RefusesToStartWithoutItsFolder) {
    open_folder();
    const auto opened = SharedMedia::open({.folder = folder()});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().field, "queue.media_folder");
}

TEST_F(SharedMediaTest, SaysThatTheFolderIsAwayAndThatItIsBack) {
    start();
    EXPECT_THAT(media_->trouble(), IsEmpty());
    EXPECT_TRUE(media_->counts().available);
    fs::rename(folder(), scratch_.path() / "away");
    EXPECT_TRUE(test::eventually([&] { return !media_->trouble().empty(); }));
    EXPECT_THAT(media_->trouble(), HasSubstr("No such file"));
    EXPECT_FALSE(media_->counts().available);
    const Status written = write('a', "bytes");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::unavailable);
    EXPECT_EQ(media_->counts().failed, 1U);
    fs::rename(scratch_.path() / "away", folder());
    EXPECT_TRUE(test::eventually([&] { return media_->trouble().empty(); }));
}

TEST_F(SharedMediaTest, AFileIsMissingOnlyWhereTheFolderAnswers) {
    start();
    ASSERT_TRUE(write('a', "bytes"));
    const auto missing = read({file('a', "bytes"), file('b', "others")}).get();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_EQ(missing.error().field, "1");
    const auto changed = read({file('a', "other")}).get();
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, ErrorCode::corrupt);
    EXPECT_EQ(changed.error().field, "0");
    open_folder();
    const auto away = read({file('b', "others")}).get();
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().code, ErrorCode::unavailable);
    EXPECT_EQ(media_->counts().away, 1U);
    EXPECT_EQ(media_->counts().missing, 1U);
    EXPECT_EQ(media_->counts().changed, 1U);
}

TEST_F(SharedMediaTest, ErasesOnceTheFolderIsBackInTheOrderOfTheCalls) {
    start();
    ASSERT_TRUE(write('a', "bytes"));
    open_folder();
    std::vector<int> order;
    std::promise<void> all;
    media_->erase({name('a')}, [&] { order.push_back(1); });
    media_->erase({}, [&] {
        order.push_back(2);
        all.set_value();
    });
    ASSERT_TRUE(test::eventually([&] { return !media_->trouble().empty(); }));
    EXPECT_TRUE(fs::exists(folder() / (name('a') + ".new")));
    close_folder();
    all.get_future().wait();
    EXPECT_THAT(order, ::testing::ElementsAre(1, 2));
    EXPECT_FALSE(fs::exists(folder() / (name('a') + ".new")));
    EXPECT_EQ(media_->counts().erased, 1U);
}

TEST_F(SharedMediaTest, EndsWhileTheFolderIsAway) {
    start();
    open_folder();
    media_->erase({name('a')}, [] { FAIL() << "is not erased"; });
    ASSERT_TRUE(test::eventually([&] { return !media_->trouble().empty(); }));
    media_.reset();
}

TEST_F(SharedMediaTest, HoldsNoMoreInMemoryThanItMay) {
    start({.folder = "", .read_bytes_max = 10});
    ASSERT_TRUE(write('a', "8 bytes."));
    auto first = read({file('a', "8 bytes.")});
    auto held = first.get();
    ASSERT_TRUE(held);
    auto second = read({file('a', "8 bytes.")});
    EXPECT_EQ(second.wait_for(20ms), std::future_status::timeout);
    held = Error{};
    EXPECT_TRUE(second.get());
    EXPECT_EQ(media_->counts().read, 2U);
}

TEST_F(SharedMediaTest, RefusesMoreThanMayWait) {
    start({.folder = "", .waiting_bytes_max = 4});
    const Status written = write('a', "bytes");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::resource_exhausted);
    EXPECT_TRUE(write('a', "byte"));
}

TEST_F(SharedMediaTest, SweepsByItself) {
    fs::create_directories(folder());
    std::ofstream(folder() / (name('a') + ".new")) << "of a host that died";
    fs::last_write_time(folder() / (name('a') + ".new"),
                        fs::file_time_type::clock::now() - std::chrono::hours(2));
    std::ofstream(folder() / name('b')) << "kept";
    start();
    EXPECT_TRUE(test::eventually([&] { return media_->counts().swept == 1; }));
    EXPECT_FALSE(fs::exists(folder() / (name('a') + ".new")));
    EXPECT_TRUE(fs::exists(folder() / name('b')));
}

}  // namespace
}  // namespace bgm
