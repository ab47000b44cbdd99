// Inline media beyond a message's bound goes by a folder that all hosts mount: it is there as long as a
// message names it and no longer, whichever host takes it and however often, and what is lost there is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/daemon/queue/amqp_fixture.hpp"
#include "tests/daemon/queue/sharing_host.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kLarge(1000, 'l');
const std::string kLarger(2000, 'r');

class AmqpMediaTest : public BrokerTest {
 protected:
    void SetUp() override {
        BrokerTest::SetUp();
        close_folder();
    }
    Config config(const std::string& host = "one") const {
        Config config = sharing_config(host, *broker_);
        config.queue.message_bytes_max = 100;
        config.queue.media_folder = folder_.path();
        config.queue.media_wait_s = 600;
        return config;
    }
    static std::string live() { return sharing_config("", *broker_).queue.prefix + ".live.0"; }

    void close_folder() const { fs::permissions(folder_.path(), fs::perms::owner_all); }
    /// It is not bgmd's alone any more, and so it is not touched.
    void open_folder() const { fs::permissions(folder_.path(), fs::perms::all); }
    std::vector<fs::path> files() const {
        std::vector<fs::path> files;
        for (const auto& each : fs::directory_iterator(folder_.path())) {
            if (each.path().extension() != ".probe") files.push_back(each.path());
        }
        return files;
    }
    bool eventually_empty() const {
        return eventually([&] { return files().empty(); });
    }
    static std::string content(const fs::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static Status settle_all(SharingHost& host) {
        std::map<std::int64_t, std::uint32_t> newest = host.on_loop([&] {
            std::map<std::int64_t, std::uint32_t> found;
            for (const AcceptedPost& post : host.taken())
                found[post.seq] = post.revision;
            return found;
        });
        for (const auto& [seq, revision] : newest) {
            if (Status settled = host.settle(seq, revision); !settled) return settled;
        }
        return ok_status();
    }
    /// Neither in the queue nor with a host.
    static bool nothing_waits() {
        return eventually([] {
            const auto counts = broker_->control({"list_queues", "name", "messages", "--silent"});
            return counts && counts->find(live() + "\t0") != std::string::npos;
        });
    }

    testing::ScratchFolder folder_;
};

TEST_F(AmqpMediaTest, GoesByTheFolderAndIsGoneOnceThePostIsSettled) {
    {
        SharingHost one(config());
        ASSERT_TRUE(one.opened()) << one.error().to_string();
        ASSERT_TRUE(one.put("p", "words", {kLarge, "small", kLarger}));
        ASSERT_EQ(files().size(), 3U);
        for (const fs::path& file : files())
            EXPECT_EQ(file.extension(), "") << "was promised";
    }
    SharingHost two(config("two"));
    ASSERT_TRUE(two.opened()) << two.error().to_string();
    two.consume();
    ASSERT_TRUE(two.until_taken(1));
    const auto media = two.on_loop([&] { return two.taken().front().media; });
    EXPECT_EQ(content(two.media_folder() / media / "0"), kLarge);
    EXPECT_EQ(content(two.media_folder() / media / "1"), "small");
    EXPECT_EQ(content(two.media_folder() / media / "2"), kLarger);
    EXPECT_EQ(files().size(), 3U) << "it may be needed again";
    ASSERT_TRUE(settle_all(two));
    EXPECT_TRUE(eventually_empty());
    EXPECT_TRUE(nothing_waits());
}

TEST_F(AmqpMediaTest, WhatFitsIntoAMessageIsInIt) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "words", {"small", std::string(95, 's')}));
    EXPECT_THAT(files(), IsEmpty());
    host.consume();
    ASSERT_TRUE(host.until_taken(1));
}

TEST_F(AmqpMediaTest, WithoutAFolderLargeMediaIsInTheMessageAsEver) {
    auto settings = config();
    settings.queue.media_folder = "";
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    EXPECT_EQ(host.on_loop([&] { return host.queue().carried_media_max(); }), 100U);
    ASSERT_TRUE(host.put("p", "words", {kLarge}));
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(AmqpMediaTest, RevisionsAndDuplicatesLeaveNothingBehind) {
    SharingHost one(config("one"));
    SharingHost two(config("two"));
    ASSERT_TRUE(one.opened() && two.opened());
    ASSERT_TRUE(one.put("p", "first", {kLarge}));
    ASSERT_TRUE(two.put("p", "first", {kLarge}));
    ASSERT_TRUE(one.put("p", "second", {kLarger}));
    ASSERT_TRUE(two.put("q", "first", {kLarge}));  // another post's: its file is its own
    EXPECT_EQ(files().size(), 4U);
    two.consume();
    ASSERT_TRUE(two.until_taken(3));
    EXPECT_THAT(two.texts(), ElementsAre("first", "second", "first"));
    EXPECT_EQ(files().size(), 4U) << "the duplicate's may be needed yet";
    const auto last = two.on_loop([&] { return two.taken()[1]; });
    ASSERT_TRUE(two.settle(last.seq, last.revision));
    EXPECT_TRUE(eventually([&] { return files().size() == 1; }));
    EXPECT_EQ(content(files().front()), kLarge);
    ASSERT_TRUE(two.settle(two.on_loop([&] { return two.taken()[2].seq; }), 1));
    EXPECT_TRUE(eventually_empty());
    EXPECT_TRUE(nothing_waits());
}

TEST_F(AmqpMediaTest, ErasesTheFilesOfAUserAndNobodyElses) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "live", {kLarge}));
    ASSERT_TRUE(host.put("q", "backfill", {kLarge}, true));
    ASSERT_TRUE(host.put("r", "of somebody else", {kLarger}, false, "other"));
    ASSERT_TRUE(host.erase("", "u"));
    host.consume();
    EXPECT_TRUE(eventually([&] { return files().size() == 1; }));
    EXPECT_EQ(content(files().front()), kLarger);
    ASSERT_TRUE(host.erase("r", ""));
    EXPECT_TRUE(eventually_empty());
    EXPECT_TRUE(host.until_idle());
}

// Or a host that dies then would hand out the post again, and the erasure not.
TEST_F(AmqpMediaTest, AnErasureIsNotSettledBeforeWhatItErases) {
    {
        SharingHost host(config());
        ASSERT_TRUE(host.opened()) << host.error().to_string();
        ASSERT_TRUE(host.put("p", "words", {kLarge}));
        host.consume();
        ASSERT_TRUE(host.until_taken(1));
        open_folder();
        ASSERT_TRUE(host.erase("p", ""));
        ASSERT_TRUE(host.eventually([&] { return host.scopes().size() == 2; }));
        ASSERT_TRUE(host.until_idle());
    }
    EXPECT_TRUE(eventually([&] { return ready_in(live()) == 2; }));
    close_folder();
    SharingHost next(config("two"));
    next.consume();
    EXPECT_TRUE(next.eventually([&] { return next.scopes().size() == 2; }));
    EXPECT_TRUE(next.until_idle());
    EXPECT_TRUE(eventually_empty());
    EXPECT_TRUE(nothing_waits());
}

TEST_F(AmqpMediaTest, AFileThatIsLateIsWaitedForAndHoldsItsPlace) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "first", {kLarge}));
    ASSERT_TRUE(host.put("p", "second"));
    const testing::ScratchFolder elsewhere;
    const fs::path file = files().front();
    fs::rename(file, elsewhere.path() / "late");
    host.consume();
    ASSERT_TRUE(host.eventually([&] { return host.queue().shared_media()->counts().missing > 0; }));
    EXPECT_EQ(host.taken_count(), 0U);
    fs::rename(elsewhere.path() / "late", file);
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("first", "second"));
}

// By the first host that had it, which died before its message was settled. MySQL knows the message by the
// letter's origin, and does nothing.
TEST_F(AmqpMediaTest, APostWhoseFileIsGoneIsADeadLetterThatNamesTheAssetAndItsMessage) {
    auto settings = config();
    std::string id;
    {
        SharingHost first(settings);
        ASSERT_TRUE(first.opened()) << first.error().to_string();
        ASSERT_TRUE(first.put("p", "words", {"small", kLarge}));
        first.consume();
        ASSERT_TRUE(first.until_taken(1));
        id = first.on_loop([&] { return first.queue().origin(first.taken().front().seq)->messages(0); });
        for (const fs::path& file : files()) {
            if (content(file) == kLarge) fs::remove(file);
        }
    }
    settings.queue.host_name = "two";
    settings.queue.media_wait_s = 1;
    SharingHost second(settings);
    ASSERT_TRUE(second.opened()) << second.error().to_string();
    second.consume();
    ASSERT_TRUE(second.eventually([&] { return second.dead().size() == 1; }));
    const auto [seq, letter] = second.on_loop([&] { return second.dead().front(); });
    EXPECT_EQ(letter.stage(), "queue");
    EXPECT_EQ(letter.code(), "not_found");
    EXPECT_THAT(letter.message(), HasSubstr("assets[1] (a1) is not in queue.media_folder"));
    EXPECT_EQ(letter.post().text(), "words");
    const auto origin = second.on_loop([&, seq = seq] { return *second.queue().origin(seq); });
    EXPECT_THAT(origin.messages(), ElementsAre(id));
    EXPECT_EQ(origin.content_hash(), "words" + std::string(27, '.'));
    EXPECT_FALSE(origin.late());
    EXPECT_EQ(second.taken_count(), 0U);
    ASSERT_TRUE(second.settle(seq, letter.revision(), true));
    EXPECT_TRUE(second.until_idle());
    EXPECT_TRUE(eventually_empty());
}

TEST_F(AmqpMediaTest, AFileThatHasChangedIsNotWaitedFor) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "words", {kLarge}));
    std::ofstream(files().front(), std::ios::binary) << std::string(1000, 'x');
    host.consume();
    ASSERT_TRUE(host.eventually([&] { return host.dead().size() == 1; }));
    const v1::DeadLetter letter = host.on_loop([&] { return host.dead().front().second; });
    EXPECT_EQ(letter.code(), "corrupt");
    EXPECT_THAT(letter.message(), HasSubstr("assets[0] (a0) has changed"));
}

// A broker that lies about sizes makes nobody take memory for them.
TEST_F(AmqpMediaTest, AMessageThatNamesMoreThanAPostMayHaveIsRefused) {
    SharingHost host(config());
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    v1::Post post;
    post.set_tenant("t");
    post.set_post_id("p");
    post.add_assets()->set_kind(v1::Asset::IMAGE);
    post.mutable_assets(0)->set_frame(0);
    v1::QueueMessage message;
    message.set_kind(v1::QueueMessage::POST);
    message.set_id(MessageIds().next(false));
    message.set_tenant("t");
    message.set_post_id("p");
    message.set_content_hash(std::string(32, 'h'));
    message.set_post(post.SerializeAsString());
    message.add_shared_media()->set_bytes(1ULL << 39U);
    message.mutable_shared_media(0)->set_sha256(std::string(32, 's'));
    fill(live(), {message.SerializeAsString()});
    host.consume();
    ASSERT_TRUE(host.eventually([&] { return host.dead().size() == 1; }));
    EXPECT_THAT(host.on_loop([&] { return host.dead().front().second.message(); }),
                HasSubstr("no host could take it"));
    EXPECT_EQ(host.on_loop([&] { return host.queue().shared_media()->counts().missing; }), 0U);
}

TEST_F(AmqpMediaTest, AFolderThatIsAwayIsWaitedForHoweverLongAndSaid) {
    auto settings = config();
    settings.queue.media_wait_s = 1;
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    ASSERT_TRUE(host.put("p", "words", {kLarge}));
    open_folder();
    const auto missing = [&] { return host.queue().missing(); };
    ASSERT_TRUE(host.eventually([&] { return !missing().empty(); }));
    EXPECT_THAT(host.on_loop(missing), ElementsAre(HasSubstr("media folder")));
    // Only what needs it is refused.
    const Status busy = host.put("q", "large", {kLarger});
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code, ErrorCode::resource_exhausted);
    EXPECT_THAT(busy.error().to_string(), HasSubstr("queue.media_folder"));
    EXPECT_TRUE(host.put("q", "small", {"small"}));
    host.consume();
    // A second apart: for longer than a file is waited for.
    ASSERT_TRUE(host.eventually([&] { return host.queue().shared_media()->counts().away >= 4; }));
    EXPECT_EQ(host.taken_count(), 0U);
    EXPECT_EQ(host.on_loop([&] { return host.dead().size(); }), 0U);
    close_folder();
    ASSERT_TRUE(host.until_taken(2));
    EXPECT_THAT(host.texts(), ElementsAre("words", "small"));
    EXPECT_TRUE(host.eventually([&] { return missing().empty(); }));
    EXPECT_TRUE(settle_all(host));
    EXPECT_TRUE(eventually_empty());
}

TEST_F(AmqpMediaTest, IsRefusedAtTheStartWithoutItsFolder) {
    open_folder();
    const SharingHost host(config());
    EXPECT_FALSE(host.opened());
    EXPECT_EQ(host.error().field, "queue.media_folder");
}

// It stays with the broker, for those who have the folder.
TEST_F(AmqpMediaTest, AHostWithoutTheFolderSaysThatItNeedsOne) {
    {
        SharingHost host(config());
        ASSERT_TRUE(host.opened()) << host.error().to_string();
        ASSERT_TRUE(host.put("p", "words", {kLarge}));
    }
    auto settings = config("two");
    settings.queue.media_folder = "";
    {
        SharingHost other(settings);
        other.consume();
        ASSERT_TRUE(other.eventually([&] {
            const auto missing = other.queue().missing();
            return missing.size() == 1 &&
                   missing[0].find("queue.media_folder is not set") != std::string::npos;
        }));
    }
    SharingHost third(config("three"));
    third.consume();
    ASSERT_TRUE(third.until_taken(1));
    ASSERT_TRUE(settle_all(third));
    EXPECT_TRUE(eventually_empty());
}

TEST_F(AmqpMediaTest, WhatTheBrokerRefusesLeavesNoFile) {
    auto settings = config();
    settings.queue.bytes_max = 1;
    SharingHost host(settings);
    ASSERT_TRUE(host.opened()) << host.error().to_string();
    std::size_t accepted = 0;
    while (host.put("p" + std::to_string(accepted), "words", {kLarge}))
        ASSERT_LT(++accepted, 100U);
    EXPECT_TRUE(eventually([&] { return files().size() == accepted; }));
}

}  // namespace
}  // namespace bgm::test
