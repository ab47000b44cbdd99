// kill -9 of every process, again and again, while posts stream in: each acknowledged post ends exactly once,
// as a row in `picks` or in `dead_posts`.
#include <gmock/gmock.h>

#include <csignal>
#include <deque>
#include <iostream>
#include <set>
#include <thread>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPosts = 2'000;
constexpr std::size_t kWindow = 64;
const std::vector<std::string> kVictims{"bgmd",           "worker-text-0", "mariadb",        "worker-image-0",
                                        "worker-audio-0", "bgmd",          "worker-video-0", "mariadb",
                                        "bgmd",           "worker-text-0"};

struct Media {
    std::string photo = jpeg_photo();
    std::string music = ogg_music();
    std::string video = mp4_video_with_sound();
};

// A client as it should be: what is not acknowledged is sent again, whatever happened to it.
class PersistentClient {
 public:
    PersistentClient(const Stack& stack, const Media& media) : media_(media) {
        auto client = PostsClient::connect(stack.env("BGMD_POSTS"), std::chrono::seconds(10));
        if (!client) throw std::runtime_error(client.error().to_string());
        client_.emplace(std::move(client).value());
    }

    /// Sends posts [from, to) and returns when each has been acknowledged. `after_some` runs once a third of
    /// them is.
    void stream(int from, int to, const std::function<void()>& after_some) {
        int next = from;
        const std::size_t some = acknowledged.size() + static_cast<std::size_t>(to - from) / 3;
        bool told = false;
        while (next < to || !waiting_.empty()) {
            while (next < to && waiting_.size() < kWindow)
                send(next++);
            take_answers();
            resend_what_is_late();
            if (!told && acknowledged.size() >= some) {
                told = true;
                after_some();
            }
        }
    }

    std::set<std::string> acknowledged;
    int sent_again = 0;

 private:
    void send(int number) {
        const std::string id = "p" + std::to_string(number);
        Json post{{"post_id", id}, {"text", "post " + std::to_string(number) + " of a long and rainy day"}};
        Frames frames;
        const auto attach = [&](const char* kind, const std::string& bytes) {
            post["assets"] = {{{"kind", kind}, {"frame", 0}}};
            frames.push_back(bytes);
        };
        if (number % 50 == 10) attach("IMAGE", media_.photo);
        if (number % 100 == 20) attach("AUDIO", media_.music);
        if (number % 200 == 30) attach("VIDEO", media_.video);
        waiting_[id] = {number, Clock::now()};
        static_cast<void>(client_->send(WireFormat::json, post.dump(), frames));
    }

    void take_answers() {
        auto answer = client_->receive(std::chrono::milliseconds(20));
        while (answer && *answer) {
            const PostAck& ack = **answer;
            if (ack.status == PostAck::Status::accepted || ack.status == PostAck::Status::duplicate) {
                acknowledged.insert(ack.post_id);
                waiting_.erase(ack.post_id);
            } else if (ack.status == PostAck::Status::rejected) {
                throw std::runtime_error("rejected: " + ack.error_message);
            }
            answer = client_->receive(std::chrono::milliseconds(0));
        }
    }

    void resend_what_is_late() {
        const auto late = Clock::now() - std::chrono::seconds(1);
        std::vector<int> again;
        for (const auto& [id, entry] : waiting_) {
            if (entry.second < late) again.push_back(entry.first);
        }
        for (int number : again)
            send(number);
        sent_again += static_cast<int>(again.size());
    }

    const Media& media_;
    std::optional<PostsClient> client_;
    std::map<std::string, std::pair<int, Clock::time_point>> waiting_;
};

TEST(Crash, EveryAcknowledgedPostEndsExactlyOnce) {
    Stack stack({.settings = {"workers.restart_max_ms=500", "workers.silent_ms=3000"}});
    const Media media;
    PersistentClient client(stack, media);
    const int rounds = static_cast<int>(kVictims.size());
    int killed = 0;
    for (int round = 0; round < rounds; ++round) {
        std::jthread reaper;
        client.stream(kPosts * round / rounds, kPosts * (round + 1) / rounds, [&] {
            killed += stack.signal(kVictims[static_cast<std::size_t>(round)], SIGKILL) ? 1 : 0;
            reaper = std::jthread([&] { stack.up(); });
        });
    }
    EXPECT_EQ(killed, rounds) << "every victim was there to be killed";
    ASSERT_EQ(client.acknowledged.size(), static_cast<std::size_t>(kPosts));

    stack.up();
    const bool all_there = eventually([&] {
        return stack.count("SELECT (SELECT COUNT(*) FROM picks) + (SELECT COUNT(*) FROM dead_posts)") >=
               kPosts;
    });
    std::set<std::string> found;
    for (const auto& row : stack.sql("SELECT post_id FROM picks UNION ALL SELECT post_id FROM dead_posts")) {
        EXPECT_TRUE(found.insert(row.at(0)).second) << row.at(0) << " is there twice";
    }
    for (const std::string& id : client.acknowledged)
        EXPECT_TRUE(found.contains(id)) << id << " was acknowledged and is lost";
    EXPECT_TRUE(all_there);
    EXPECT_EQ(stack.count("SELECT COUNT(*) FROM picks WHERE revision != 1"), 0)
        << "a resent post is no new revision";
    EXPECT_EQ(
        stack.count(
            "SELECT COUNT(*) FROM picks p WHERE 5 != (SELECT COUNT(*) FROM pick_tracks t WHERE t.tenant = "
            "p.tenant AND t.post_id = p.post_id)"),
        0);
    std::cout << "killed " << killed << " processes; " << client.sent_again << " posts were sent again; "
              << stack.count("SELECT COUNT(*) FROM picks") << " picks, "
              << stack.count("SELECT COUNT(*) FROM dead_posts") << " dead letters\n";
}

}  // namespace
}  // namespace bgm::test
