// Admission without any transport: what the sender of a post is told, once each, and that "accepted" is said
// only of what another connection to the journal already sees.
#include "daemon/pipeline/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "schemas/codec.hpp"
#include "tests/daemon/journal/faulty_vfs.hpp"
#include "tests/daemon/pipeline/admitting.hpp"

namespace bgm {
namespace {

using testing::FaultyVfs;
using testing::post_json;

class AdmissionTest : public testing::Admitting {
 protected:
    void start(std::int64_t room_bytes = INT64_MAX) {
        open(room_bytes);
        running_.start();
    }

    void TearDown() override {
        Admitting::TearDown();
        EXPECT_EQ(answers_, submitted_) << "each post is answered once";
    }

    v1::Ack submit(WireFormat format, const std::string& bytes, const std::vector<std::string>& media = {}) {
        auto told = std::make_shared<std::promise<v1::Ack>>();
        auto answer = told->get_future();
        running_.on_loop([&] {
            Frames frames;
            for (const std::string& medium : media)
                frames.emplace_back(medium);
            ++submitted_;
            admission_->submit({.source = "posts", .format = format, .bytes = bytes}, std::move(frames),
                               [this, told](const v1::Ack& ack) {
                                   ++answers_;
                                   told->set_value(ack);
                               });
        });
        if (answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready) return answer.get();
        ADD_FAILURE() << "no answer came";
        return {};
    }
    v1::Ack post(const std::string& json, const std::vector<std::string>& media = {}) {
        return submit(WireFormat::json, json, media);
    }

    FaultyVfs disk_;
    int submitted_ = 0;  // the loop's thread's, as the next
    int answers_ = 0;
};

TEST_F(AdmissionTest, AcceptsAPostThatIsDurable) {
    start();
    const v1::Ack first = post(post_json("p1", "a"));
    EXPECT_EQ(first.status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(first.post_id(), "p1");
    EXPECT_EQ(first.revision(), 1U);
    EXPECT_EQ(rows(), 1);
    EXPECT_EQ(post(post_json("p1", "a")).status(), v1::Ack::DUPLICATE);
    const v1::Ack changed = post(post_json("p1", "b"));
    EXPECT_EQ(changed.status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(changed.revision(), 2U);
    EXPECT_EQ(rows(), 1);
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 2; }));
    EXPECT_EQ(accepted_[1].revision, 2U);
    EXPECT_EQ(accepted_[1].post.text(), "b");
}

TEST_F(AdmissionTest, NamesTheFieldOfAPostThatItRejects) {
    start();
    const v1::Ack ack = post(R"({"post_id":"p1","context":{"local_hour":24},"text":"a"})");
    EXPECT_EQ(ack.status(), v1::Ack::REJECTED);
    EXPECT_EQ(ack.error().field(), "context.local_hour");
    EXPECT_EQ(ack.error().code(), "invalid_argument");
    EXPECT_EQ(post("{").status(), v1::Ack::REJECTED);
    EXPECT_EQ(post("").error().field(), "post");
    EXPECT_EQ(rows(), 0);
}

TEST_F(AdmissionTest, KeepsInlineMediaUntilThePostIsDecided) {
    start();
    const std::string json = R"({"post_id":"p1","assets":[{"kind":"IMAGE","frame":0}]})";
    EXPECT_EQ(post(json, {"the picture"}).status(), v1::Ack::ACCEPTED);
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 1; }));
    const auto picture = media_->read_inline(accepted_[0].media, 0);
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->view(), "the picture");
    EXPECT_EQ(post(json, {"the picture"}).status(), v1::Ack::DUPLICATE);
    EXPECT_EQ(post(json, {"another picture"}).revision(), 2U) << "the bytes are part of what a post says";
}

TEST_F(AdmissionTest, IsBusyWhenTooManyPostsWait) {
    config_.journal.unfinished_max = 2;
    config_.posts.retry_after_ms = 77;
    start();
    EXPECT_EQ(post(post_json("p1", "a")).status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(post(post_json("p2", "a")).status(), v1::Ack::ACCEPTED);
    const v1::Ack busy = post(post_json("p3", "a"));
    EXPECT_EQ(busy.status(), v1::Ack::BUSY);
    EXPECT_EQ(busy.post_id(), "p3");
    EXPECT_EQ(busy.retry_after_ms(), 77U);
    EXPECT_EQ(rows(), 2);
}

// Posts must not take the last room of the journal: their own picks need some.
TEST_F(AdmissionTest, IsBusyWhenTheJournalIsFullAndGoesOnWhenThereIsRoom) {
    config_.journal.bytes_max = 300'000;
    start();
    int accepted = 0;
    while (accepted < 100 &&
           post(post_json("p" + std::to_string(accepted), std::string(20'000, 'x'))).status() ==
               v1::Ack::ACCEPTED) {
        ++accepted;
    }
    EXPECT_GT(accepted, 5);
    EXPECT_LT(accepted, 20);
    EXPECT_TRUE(journal_->writable());
    ASSERT_TRUE(journal_->submit(
        Journal::Urgency::internal, 0,
        [](JournalStore& store) -> Status {
            for (std::int64_t seq = 1; seq <= 5; ++seq) {
                if (auto done = store.set_picked(seq, 1, "pick", PostState::picked, 1); !done)
                    return done.error();
            }
            return ok_status();
        },
        {}));
    EXPECT_TRUE(running_.eventually([this] { return journal_->counts().used_bytes < 250'000; }));
    EXPECT_EQ(post(post_json("again", "a")).status(), v1::Ack::ACCEPTED);
}

// Delivered posts are no reason to send a client away: they give way as fast as posts come.
TEST_F(AdmissionTest, IsNeverBusyForDeliveredPosts) {
    config_.journal.bytes_max = 300'000;
    start(config_.journal.bytes_max);
    for (int i = 0; i < 3000; ++i) {
        ASSERT_EQ(post(post_json("p" + std::to_string(i), "a")).status(), v1::Ack::ACCEPTED) << i;
        std::promise<void> delivered;
        ASSERT_TRUE(journal_->submit(
            Journal::Urgency::internal, 0,
            [i](JournalStore& store) -> Status {
                auto done = store.set_picked(i + 1, 1, std::string(500, 'p'), PostState::delivered, i);
                return done ? ok_status() : Status(done.error());
            },
            [&](const Status&) { delivered.set_value(); }));
        delivered.get_future().wait();
    }
    EXPECT_LT(rows(), 1000);
    EXPECT_LT(journal_->counts().used_bytes, config_.journal.bytes_max);
}

// Its commit may lie in the WAL, where a start after a crash would find it.
TEST_F(AdmissionTest, KeepsTheMediaOfAFailedCommitUntilTheJournalHasBuriedIt) {
    start();
    ASSERT_EQ(post(post_json("p1", "before")).status(), v1::Ack::ACCEPTED);
    disk_.fail_syncs(1, INT64_MAX / 2);
    const std::string json = R"({"post_id":"p2","assets":[{"asset_id":"a","kind":"IMAGE","frame":0}]})";
    EXPECT_EQ(post(json, {"the picture"}).status(), v1::Ack::BUSY);
    running_.on_loop([] {});  // what was to be done at once is done
    const auto no_media = [this] { return std::filesystem::is_empty(folder_.path() / "media"); };
    EXPECT_FALSE(no_media());
    disk_.heal();
    EXPECT_TRUE(running_.eventually(no_media));
    EXPECT_EQ(post(json, {"the picture"}).status(), v1::Ack::ACCEPTED);
    EXPECT_FALSE(no_media());
}

TEST_F(AdmissionTest, IsBusyWhenTheDaemonGoesDown) {
    start();
    running_.on_loop([this] { admission_->refuse(); });
    EXPECT_EQ(post(post_json("p1", "a")).status(), v1::Ack::BUSY);
}

// A source could not make out a post: that is an answer like any other.
TEST_F(AdmissionTest, AnswersWhatASourceCouldNotRead) {
    start();
    v1::Ack ack;
    running_.on_loop([&] {
        admission_->reject(
            "posts", {.code = name(ErrorCode::invalid_argument), .field = "header", .message = "is odd"},
            [&](const v1::Ack& answer) { ack = answer; });
    });
    EXPECT_EQ(ack.status(), v1::Ack::REJECTED);
    EXPECT_EQ(ack.error().field(), "header");
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="rejected",source="posts"} 1)"));
    EXPECT_TRUE(counted(R"(bgmd_rejected_posts_total{code="invalid_argument"} 1)"));
    EXPECT_EQ(admission_->pending(), 0U);
}

TEST_F(AdmissionTest, CountsThePostsOfASourceThatWantsNoAnswer) {
    start();
    const std::string json = post_json("p1", "a");
    running_.on_loop([&] {
        admission_->submit({.source = "firehose", .format = WireFormat::json, .bytes = json}, {}, {});
        EXPECT_EQ(admission_->pending(), 1U);
    });
    EXPECT_TRUE(running_.eventually([this] { return accepted_.size() == 1; }));
    EXPECT_EQ(rows(), 1);
    EXPECT_TRUE(counted(R"(bgmd_posts_total{outcome="accepted",source="firehose"} 1)"));
    running_.on_loop([&] { EXPECT_EQ(admission_->pending(), 0U); });
}

// The format is the sender's; the post is the same.
TEST_F(AdmissionTest, TakesBothFormatsForTheSamePost) {
    start();
    v1::Post same;
    same.set_post_id("p1");
    same.set_text("a");
    EXPECT_EQ(post(post_json("p1", "a")).status(), v1::Ack::ACCEPTED);
    EXPECT_EQ(submit(WireFormat::protobuf, same.SerializeAsString()).status(), v1::Ack::DUPLICATE);
    EXPECT_EQ(submit(WireFormat::protobuf, "\xff").status(), v1::Ack::REJECTED);
}

TEST_F(AdmissionTest, RejectsWhatIsTooLargeBeforeItIsDecoded) {
    config_.posts.text_bytes_max = 10;
    start();
    const v1::Ack ack = post(std::string(300'000, '{'));
    EXPECT_EQ(ack.error().code(), "too_large");
    EXPECT_EQ(ack.error().field(), "post");
}

TEST_F(AdmissionTest, KeepsNoMediaOfAPostWhoseDigestIsWrong) {
    start();
    const std::string json =
        R"({"post_id":"p1","assets":[{"kind":"IMAGE","frame":0,"sha256":")" + std::string(64, '0') + "\"}]}";
    const v1::Ack ack = post(json, {"the picture"});
    EXPECT_EQ(ack.error().code(), "corrupt");
    EXPECT_EQ(ack.error().field(), "assets[0].sha256");
    EXPECT_EQ(rows(), 0);
    EXPECT_TRUE(running_.eventually([this] { return std::filesystem::is_empty(folder_.path() / "media"); }));
}

}  // namespace
}  // namespace bgm
