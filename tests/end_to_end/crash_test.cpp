// kill -9 of every process, again and again, while posts stream in: each acknowledged post ends exactly once,
// as a row in `picks` or in `dead_posts`.
#include <gmock/gmock.h>

#include <csignal>
#include <iostream>
#include <set>
#include <thread>

#include "tests/end_to_end/media.hpp"
#include "tests/end_to_end/persistent_client.hpp"

namespace bgm::test {
namespace {

constexpr int kPosts = 2'000;
const std::vector<std::string> kVictims{"bgmd",           "worker-text-0", "mariadb",        "worker-image-0",
                                        "worker-audio-0", "bgmd",          "worker-video-0", "mariadb",
                                        "bgmd",           "worker-text-0"};

struct Media {
    std::string photo = jpeg_photo();
    std::string music = ogg_music();
    std::string video = mp4_video_with_sound();
};

std::pair<Json, Frames> post(const Media& media, int number) {
    Json post{{"text", "post " + std::to_string(number) + " of a long and rainy day"}};
    Frames frames;
    const auto attach = [&](const char* kind, const std::string& bytes) {
        post["assets"] = {{{"kind", kind}, {"frame", 0}}};
        frames.push_back(bytes);
    };
    if (number % 50 == 10) attach("IMAGE", media.photo);
    if (number % 100 == 20) attach("AUDIO", media.music);
    if (number % 200 == 30) attach("VIDEO", media.video);
    return {std::move(post), std::move(frames)};
}

TEST(Crash, EveryAcknowledgedPostEndsExactlyOnce) {
    Stack stack({.settings = {"workers.restart_max_ms=500", "workers.silent_ms=3000"}});
    const Media media;
    PersistentClient client(stack, [&](int number) { return post(media, number); });
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
