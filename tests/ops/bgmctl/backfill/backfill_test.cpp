// A file of posts ends up with the daemon once each, whatever the daemon does in between; bad lines are
// listed, in order, with their reasons.
#include "ops/bgmctl/backfill/backfill.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <map>
#include <random>
#include <sstream>

#include "ops/bgmctl/backfill/backfill_line.hpp"
#include "tests/eventually.hpp"
#include "tests/ops/bgmctl/stand_in_daemon.hpp"

namespace bgm {
namespace {

class BackfillTest : public testing::Test {
 protected:
    BackfillTest() {
        context_.settings.posts = daemon_.posts_endpoint();
        context_.out = &out_;
        context_.err = &out_;
    }

    std::string write_posts(int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += R"({"post_id": "p-)" + std::to_string(i) + R"(", "text": "post )" + std::to_string(i) +
                    "\"}\n";
        }
        return folder_.write("posts.ndjson", text);
    }

    /// Remembers what it stored: the first time ACCEPTED, then DUPLICATE.
    v1::Ack store(const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack = StandInDaemon::accepted(received.post.post_id());
        if (++stored_[received.post.post_id()] > 1) ack.set_status(v1::Ack::DUPLICATE);
        return ack;
    }

    TemporaryFolder folder_;
    std::ostringstream out_;
    BgmctlContext context_;
    StandInDaemon daemon_;
    std::map<std::string, int> stored_;
};

TEST_F(BackfillTest, EveryLineArrivesAndTheRunIsRecorded) {
    daemon_.on_post = [this](const auto& received) { return store(received); };
    daemon_.start();
    const auto report = run_backfill(context_, {.path = write_posts(5000)});
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_EQ(report->totals.accepted, 5000u);
    EXPECT_TRUE(report->totals.complete);
    EXPECT_EQ(**read_checkpoint(folder_.file("posts.ndjson.progress")), report->totals);
    EXPECT_TRUE(report->rejected_path.empty());
    EXPECT_FALSE(std::filesystem::exists(folder_.file("posts.ndjson.rejected.ndjson")));

    // Again, as after a mistake: harmless.
    const auto again = run_backfill(context_, {.path = folder_.file("posts.ndjson")});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->totals.duplicate, 5000u);
    // And resumed at its end: nothing to do.
    const auto resumed = run_backfill(context_, {.path = folder_.file("posts.ndjson"), .resume = true});
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->lines_this_run, 0u);
    daemon_.stop();
    EXPECT_EQ(stored_.size(), 5000u);
}

TEST_F(BackfillTest, ADaemonThatIsBusyAndBreaksConnectionsGetsEveryPostAllTheSame) {
    std::mt19937 random(3);
    int broken = 0;
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) -> std::optional<v1::Ack> {
        const auto dice = random() % 1000;
        if (dice < 5 && broken < 10) {
            ++broken;
            // Stored or not, with the answer lost: the two cases that a client cannot tell apart.
            if (dice < 2) store(received);
            daemon_.break_connections();
            return std::nullopt;
        }
        if (dice < 200) {
            v1::Ack busy;
            busy.set_post_id(received.post.post_id());
            busy.set_status(v1::Ack::BUSY);
            busy.set_retry_after_ms(1);
            return busy;
        }
        return store(received);
    };
    daemon_.start();
    const auto report = run_backfill(context_, {.path = write_posts(3000), .window = 64});
    ASSERT_TRUE(report) << report.error().to_string();
    daemon_.stop();
    EXPECT_EQ(broken, 10);
    EXPECT_EQ(stored_.size(), 3000u);
    EXPECT_EQ(report->totals.accepted + report->totals.duplicate, 3000u);
    EXPECT_EQ(report->totals.rejected, 0u);
}

TEST_F(BackfillTest, BadLinesAreListedInOrderWithTheirReasons) {
    daemon_.on_post = [](const StandInDaemon::ReceivedPost& received) {
        v1::Ack ack = StandInDaemon::accepted(received.post.post_id());
        if (received.post.post_id() == "refused") {
            ack.set_status(v1::Ack::REJECTED);
            ack.mutable_error()->set_code("too_large");
            ack.mutable_error()->set_field("text");
            ack.mutable_error()->set_message("by the daemon's own limit");
        }
        return ack;
    };
    daemon_.start();
    const std::string path = folder_.write("posts.ndjson",
                                           "{\"post_id\": \"a\", \"text\": \"x\"}\n"
                                           "not json\n"
                                           "{\"post_id\": \"refused\", \"text\": \"x\"}\n"
                                           "{\"text\": \"no id\"}\n"
                                           "{\"post_id\": \"\xff\", \"text\": \"x\"}\n"
                                           "{\"post_id\": \"b\", \"text\": \"x\", \"colour\": 1}\n"
                                           "{\"post_id\": \"c\", \"text\": \"" +
                                               std::string(kBackfillLineBytesMax, 'x') +
                                               "\"}\n"
                                               "{\"post_id\": \"d\", \"text\": \"x\"}");
    const auto report = run_backfill(context_, {.path = path});
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_EQ(report->totals.lines_done, 8u);
    EXPECT_EQ(report->totals.accepted, 2u);
    EXPECT_EQ(report->totals.rejected, 6u);

    std::istringstream list(folder_.read("posts.ndjson.rejected.ndjson"));
    std::vector<nlohmann::json> rejected;
    for (std::string line; std::getline(list, line);) {
        rejected.push_back(nlohmann::json::parse(line));
    }
    ASSERT_EQ(rejected.size(), 6u);
    const std::vector<int> lines{2, 3, 4, 5, 6, 7};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(rejected[i].at("line"), lines[i]);
        EXPECT_NE(rejected[i].at("message"), "");
    }
    EXPECT_EQ(rejected[1].at("post_id"), "refused");
    EXPECT_EQ(rejected[1].at("field"), "text");
    EXPECT_EQ(rejected[2].at("field"), "post_id");
    EXPECT_EQ(rejected[5].at("code"), "too_large");
}

TEST_F(BackfillTest, WhatStandsBeforeTheDamageIsSentAndNotSentAgain) {
    daemon_.on_post = [this](const auto& received) { return store(received); };
    daemon_.start();
    const std::string lines =
        "{\"post_id\": \"a\", \"text\": \"x\"}\n{\"post_id\": \"b\", \"text\": \"x\"}\n";
    std::string bytes(ZSTD_compressBound(lines.size()), '\0');
    bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), lines.data(), lines.size(), 3));
    const std::string path = folder_.write("posts.ndjson.zst", bytes + bytes.substr(0, bytes.size() - 3));
    for (const bool resume : {false, true}) {
        const auto report = run_backfill(context_, {.path = path, .resume = resume});
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ErrorCode::corrupt);
        EXPECT_NE(report.error().message.find("ends in the middle"), std::string::npos);
    }
    const auto checkpoint = read_checkpoint(path + ".progress");
    ASSERT_TRUE(checkpoint && *checkpoint);
    EXPECT_FALSE((*checkpoint)->complete);
    EXPECT_EQ((*checkpoint)->lines_done, 2u);
    daemon_.stop();
    EXPECT_EQ(stored_, (std::map<std::string, int>{{"a", 1}, {"b", 1}}));
}

TEST_F(BackfillTest, AResumedRunBeginsAfterWhatIsSettled) {
    daemon_.on_post = [this](const auto& received) { return store(received); };
    daemon_.start();
    const std::string path = write_posts(100);
    const std::string text = folder_.read("posts.ndjson");
    std::uint64_t offset = 0;
    for (int i = 0; i < 60; ++i) {
        offset = text.find('\n', offset) + 1;
    }
    const auto head = InputFile::open(path)->head_hash();
    ASSERT_TRUE(write_checkpoint(path + ".progress",
                                 {.lines_done = 60, .offset = offset, .head_hash = head, .accepted = 60}));
    const auto report = run_backfill(context_, {.path = path, .resume = true});
    ASSERT_TRUE(report);
    daemon_.stop();
    EXPECT_EQ(stored_.size(), 40u);
    EXPECT_EQ(stored_.begin()->first, "p-60");
    EXPECT_EQ(report->totals.accepted, 100u) << "the totals are those of all runs";
    EXPECT_EQ(report->lines_this_run, 40u);
}

TEST_F(BackfillTest, ATornCheckpointMeansFromTheBeginning) {
    daemon_.on_post = [this](const auto& received) { return store(received); };
    daemon_.start();
    const std::string path = write_posts(10);
    folder_.write("posts.ndjson.progress", "{\"version\":1,\"li");
    const auto report = run_backfill(context_, {.path = path, .resume = true});
    ASSERT_TRUE(report);
    daemon_.stop();
    EXPECT_EQ(stored_.size(), 10u);
    EXPECT_NE(out_.str().find("is not a whole checkpoint"), std::string::npos);
}

TEST_F(BackfillTest, AnotherFileUnderTheNameIsNotResumed) {
    daemon_.start();
    const std::string path = write_posts(10);
    ASSERT_TRUE(write_checkpoint(path + ".progress", {.lines_done = 1, .offset = 10, .head_hash = 1}));
    const auto report = run_backfill(context_, {.path = path, .resume = true});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::invalid_argument);
}

TEST_F(BackfillTest, ADaemonThatFallsSilentEndsTheRunWithItsCheckpoint) {
    daemon_.on_post = [&](const StandInDaemon::ReceivedPost& received) -> std::optional<v1::Ack> {
        if (stored_.size() == 30 && !stored_.contains(received.post.post_id())) return std::nullopt;
        return store(received);
    };
    daemon_.start();
    const std::string path = write_posts(100);
    // Once more where the machine was silent for so long before.
    EXPECT_TRUE(test::eventually([&] {
        const auto report = run_backfill(
            context_, {.path = path, .window = 8, .resume = true, .patience = std::chrono::seconds(1)});
        EXPECT_TRUE(!report && report.error().code == ErrorCode::unavailable);
        const auto checkpoint = read_checkpoint(path + ".progress");
        return checkpoint && *checkpoint && (*checkpoint)->lines_done == 30;
    }));
}

TEST(BackfillLine, FillsInWhatALineLeavesOut) {
    const auto read = [](const std::string& text) {
        const auto line = read_backfill_line({.number = 1, .end_offset = 0, .text = text}, "shop");
        EXPECT_TRUE(line) << line.error().to_string();
        v1::Post post;
        EXPECT_TRUE(post.ParseFromString(line->encoded));
        return post;
    };
    const v1::Post bare = read(R"({"post_id": "a", "text": "x", "context": {"activity": "priority"}})");
    EXPECT_EQ(bare.priority(), v1::BACKFILL);
    EXPECT_EQ(bare.tenant(), "shop");
    EXPECT_EQ(read(R"({"post_id": "a", "text": "x", "priority": "LIVE"})").priority(), v1::LIVE);
    EXPECT_EQ(read(R"({"post_id": "a", "text": "x", "tenant": "other"})").tenant(), "other");
    EXPECT_EQ(read(R"({"post_id": "a", "text": "\"priority\": \"LIVE\""})").priority(), v1::BACKFILL);
}

}  // namespace
}  // namespace bgm
