// Posts that kill the worker that reads them, many in a row and with the defaults of a real daemon: each ends
// as a dead letter, or is picked by what else it holds, and the good posts of the modality do not wait for
// them.
#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"
#include "tests/end_to_end/mortal_mark.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEach = 30;

class MortalWorker : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        stack_ = std::make_unique<Stack>(
            Stack::Options{.mysql = true,
                           .settings = {"workers.program=" BGM_BINARY_DIR "/mortal-worker", "workers.audio=0",
                                        "workers.video=0"}});
    }
    static void TearDownTestSuite() { stack_.reset(); }

    void post_photo(const std::string& id, const std::string& photo, const std::string& text = "") {
        Json post{{"post_id", id}, {"assets", {{{"asset_id", "cover"}, {"kind", "IMAGE"}, {"frame", 0}}}}};
        if (!text.empty()) post["text"] = text;
        const PostAck ack = client_.post(post, {photo});
        ASSERT_EQ(ack.status, PostAck::Status::accepted) << ack.error_message;
        sent_[id] = Clock::now();
    }
    void post_text(const std::string& id, const std::string& text) {
        ASSERT_EQ(client_.post({{"post_id", id}, {"text", text}}).status, PostAck::Status::accepted);
        sent_[id] = Clock::now();
    }

    /// Waits until every post has ended; false where that takes too long.
    bool all_end() {
        return eventually(
            [&] {
                for (const auto& row : stack_->sql("SELECT post_id, 'pick' FROM picks UNION ALL SELECT "
                                                   "post_id, code FROM dead_posts")) {
                    if (!sent_.contains(row.at(0)) || ended_.contains(row.at(0))) continue;
                    ended_[row.at(0)] = row.at(1);
                    took_[row.at(0)] = std::chrono::duration_cast<std::chrono::milliseconds>(
                        Clock::now() - sent_[row.at(0)]);
                    order_.push_back(row.at(0));
                }
                return ended_.size() == sent_.size();
            },
            std::chrono::seconds(120));
    }

    /// Of the posts whose ids begin so.
    long slowest_ms(const std::string& prefix) const {
        long slowest = 0;
        for (const auto& [id, took] : took_) {
            if (id.starts_with(prefix)) slowest = std::max<long>(slowest, took.count());
        }
        return slowest;
    }
    static long image_workers_lost(const std::string& metrics) {
        const std::string series = "bgmd_worker_ends_total{modality=\"image\",reason=\"signal\"} ";
        const std::size_t at = metrics.find(series);
        return at == std::string::npos ? 0 : std::stol(metrics.substr(at + series.size()));
    }
    void say_latencies() const {
        std::cout << "  " << ended_.size() << " of " << sent_.size()
                  << " posts have ended; the slowest good one after " << slowest_ms("good")
                  << " ms, the slowest deadly one after " << slowest_ms("deadly") << " ms\n";
    }
    void expect_all_as_they_are() const {
        for (const auto& [id, when] : sent_) {
            const auto found = ended_.find(id);
            EXPECT_EQ(found != ended_.end() ? found->second : "nothing",
                      id.starts_with("good") ? "pick" : "corrupt")
                << id;
        }
    }
    // A good post waits for what nobody knows yet, not for suspects.
    void expect_no_good_one_waits_for_the_suspects() const {
        const auto last_good = std::find_if(order_.rbegin(), order_.rend(),
                                            [](const std::string& id) { return id.starts_with("good"); });
        const auto after_it = std::count_if(order_.rbegin(), last_good,
                                            [](const std::string& id) { return id.starts_with("deadly"); });
        EXPECT_GE(after_it, kEach / 3);
    }

    static std::unique_ptr<Stack> stack_;
    Conversation client_{*stack_};
    const std::string good_ = jpeg_photo();
    const std::string deadly_ = good_ + std::string(kMortalMark);
    std::map<std::string, Clock::time_point> sent_;
    std::map<std::string, std::string> ended_;
    std::map<std::string, std::chrono::milliseconds> took_;
    std::vector<std::string> order_;
};
std::unique_ptr<Stack> MortalWorker::stack_;

TEST_F(MortalWorker, EndsEveryDeadlyPhotoAndAnswersTheGoodOnesBesideThem) {
    for (int i = 0; i < kEach; ++i) {
        post_photo("deadly-photo-" + std::to_string(i), deadly_ + std::to_string(i));
        post_photo("good-photo-" + std::to_string(i), good_);
    }
    EXPECT_TRUE(all_end());
    say_latencies();
    expect_all_as_they_are();
    expect_no_good_one_waits_for_the_suspects();
}

TEST_F(MortalWorker, LosesAFewWorkersToAPhotoThatIsPostedManyTimes) {
    const std::string before = stack_->http_get("/metrics").body;
    for (int i = 0; i < kEach; ++i) {
        post_photo("deadly-copy-" + std::to_string(i), deadly_ + "copy");
        post_photo("good-beside-a-copy-" + std::to_string(i), good_);
    }
    EXPECT_TRUE(all_end());
    say_latencies();
    expect_all_as_they_are();
    EXPECT_LE(image_workers_lost(stack_->http_get("/metrics").body) - image_workers_lost(before), 4);
}

// Texts are sent many at a time: none is taken for another.
TEST_F(MortalWorker, EndsEveryDeadlyTextAndAnswersTheGoodOnesBesideThem) {
    for (int i = 0; i < kEach; ++i) {
        post_text("deadly-text-" + std::to_string(i), std::string(kMortalMark));
        post_text("good-text-" + std::to_string(i), "what a lovely day at the sea");
    }
    EXPECT_TRUE(all_end());
    say_latencies();
    expect_all_as_they_are();
    expect_no_good_one_waits_for_the_suspects();
}

TEST_F(MortalWorker, LeavesADeadlyPhotoOutOfAPostThatHasAText) {
    for (int i = 0; i < 3; ++i)
        post_photo("good-with-text-" + std::to_string(i), deadly_, "so happy today");
    EXPECT_TRUE(all_end());
    expect_all_as_they_are();
    for (const auto& [id, when] : sent_) {
        const auto pick = wait_for_pick(*stack_, id);
        ASSERT_TRUE(pick) << id;
        ASSERT_EQ(pick->degraded.size(), 1U) << pick->degraded.dump();
        EXPECT_EQ(pick->degraded[0]["asset_id"], "cover");
        EXPECT_EQ(pick->degraded[0]["code"], "corrupt");
    }
}

}  // namespace
}  // namespace bgm::test
