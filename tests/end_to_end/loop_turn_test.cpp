// Nothing on the event loop waits for a disk or looks through a body: while videos of 190 MB are read and
// checked, thousands of posts are erased and models are exchanged, the loop's thread reads none of it, and
// its longest turn is printed. BGM_ERASED_POSTS sets how many posts are erased (default 300). Nor does it
// look through the catalogue: the thread that does has used more of the processor.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "tests/end_to_end/conversation.hpp"
#include "tests/end_to_end/media.hpp"

namespace bgm::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kVideoBytes = 190U << 20U;
constexpr int kVideos = 4;

// A film, and behind it a box that players pass over.
std::string large_video() {
    std::string file = mp4_video_with_sound();
    const auto box = static_cast<std::uint32_t>(kVideoBytes - file.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        file += static_cast<char>(box >> static_cast<unsigned>(shift));
    file += "free";
    file.resize(kVideoBytes);
    return file;
}

// As a post gives it.
std::string sha256_of(const std::string& bytes) {
    std::array<unsigned char, 32> digest{};
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::ostringstream text;
    for (const unsigned char byte : digest)
        text << std::hex << (byte >> 4U) << (byte & 15U);
    return text.str();
}

/// What a thread, or a whole process, has read by now, in bytes; nothing where the kernel does not say.
std::optional<std::uint64_t> bytes_read(const fs::path& task) {
    std::ifstream io(task / "io");
    std::string name;
    std::uint64_t bytes = 0;
    return io >> name >> bytes ? std::optional(bytes) : std::nullopt;
}

/// Processor time of the thread of this name, in clock ticks; -1 where there is none.
std::int64_t ticks_of(const fs::path& process, const std::string& thread) {
    for (const auto& task : fs::directory_iterator(process / "task")) {
        std::ifstream stat(task.path() / "stat");
        std::string words((std::istreambuf_iterator<char>(stat)), {});
        if (words.find("(" + thread + ")") == std::string::npos) continue;
        std::istringstream behind(words.substr(words.rfind(')') + 1));
        std::string skipped;  // state to cmajflt, see proc(5)
        for (int i = 0; i < 11; ++i)
            behind >> skipped;
        std::int64_t user = 0;
        std::int64_t system = 0;
        return behind >> user >> system ? user + system : -1;
    }
    return -1;
}

double metric(const Stack& stack, const std::string& name) {
    const std::string body = "\n" + stack.http_get("/metrics").body;
    const auto at = body.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(body.substr(at + name.size() + 2));
}

TEST(LoopTurn, ReadsNoMediaAndErasesNone) {
    const char* asked = std::getenv("BGM_ERASED_POSTS");
    const int erased = asked != nullptr ? std::stoi(asked) : 300;
    Stack stack;
    Conversation client(stack);
    const std::string video = large_video();
    std::ofstream(stack.media_root() / "large.mp4", std::ios::binary) << video;
    const std::string digest = sha256_of(video);

    // Dead letters keep their media.
    for (int i = 0; i < erased; ++i) {
        client.post({{"post_id", "gone-" + std::to_string(i)},
                     {"user_id", "leaver"},
                     {"assets", {{{"kind", "IMAGE"}, {"frame", 0}}}}},
                    {"no image"});
    }
    ASSERT_TRUE(eventually([&] {
        return stack.count("SELECT COUNT(*) FROM dead_posts WHERE post_id LIKE 'gone-%'") == erased;
    }));
    const auto folders = [&] {
        const fs::path media = stack.folder() / "data" / "media";
        return std::distance(fs::directory_iterator(media), fs::directory_iterator());
    };
    ASSERT_EQ(folders(), erased);

    const fs::path process = "/proc/" + std::to_string(stack.processes().at("bgmd"));
    const fs::path loop = process / "task" / process.filename();  // it runs on the main thread
    const auto process_before = bytes_read(process);
    const auto loop_before = bytes_read(loop);
    for (int i = 0; i < kVideos; ++i) {
        client.post({{"post_id", "film-" + std::to_string(i)},
                     {"assets", {{{"kind", "VIDEO"}, {"uri", "file:large.mp4"}, {"sha256", digest}}}}});
    }
    std::jthread eraser([&] { EXPECT_EQ(stack.bgmctl("erase --user leaver").exit_code, 0); });
    const fs::path models = stack.folder() / "models-2";
    fs::copy(BGM_SOURCE_DIR "/data/builtin", models);
    std::jthread swapper(
        [&] { EXPECT_EQ(stack.bgmctl("models swap --dir '" + models.string() + "'").exit_code, 0); });
    int live = 0;
    const auto films_done = [&] {
        return stack.count("SELECT COUNT(*) FROM picks WHERE post_id LIKE 'film-%'") == kVideos;
    };
    ASSERT_TRUE(eventually([&] {  // live posts are answered all the while
        client.post({{"post_id", "live-" + std::to_string(live++)}, {"text", "a calm morning by the sea"}});
        return films_done();
    }));
    eraser.join();
    swapper.join();
    EXPECT_TRUE(eventually([&] { return folders() == 0; })) << "the media of erased posts goes";
    EXPECT_EQ(
        stack.count("SELECT COUNT(*) FROM picks WHERE post_id LIKE 'film-%' AND JSON_LENGTH(degraded) > 0"),
        0);

    const auto process_after = bytes_read(process);
    const auto loop_after = bytes_read(loop);
    if (process_before && loop_before && process_after && loop_after) {
        EXPECT_GE(*process_after - *process_before, std::uint64_t{kVideos} * kVideoBytes);
        EXPECT_LT(*loop_after - *loop_before, kVideoBytes / 10) << "the loop's thread has read media";
    }
    const double longest = metric(stack, "bgmd_loop_longest_turn_seconds");
    EXPECT_GT(longest, 0);
    std::cout << "longest turn of the loop: " << longest * 1000 << " ms, beside " << kVideos << " videos of "
              << (kVideoBytes >> 20U) << " MB, an erasure of " << erased << " posts and a swap of models; "
              << live << " live posts\n";
}

// Idea: two hundred times as many tracks cost the recommender more, and the loop nothing.
TEST(LoopTurn, LooksThroughNoCatalogue) {
    constexpr int kTracks = 100'000;
    constexpr int kPosts = 1000;
    Stack stack;
    Conversation client(stack);
    const fs::path process = "/proc/" + std::to_string(stack.processes().at("bgmd"));
    struct Ticks {
        std::int64_t loop, recommender;
    };
    // For a genre of few tracks all are asked what they are: the dearest of looks, which no bound spares.
    const auto looks = [&](const std::string& name) {
        const Ticks before{ticks_of(process, "bgmd"), ticks_of(process, "recommender")};
        for (int i = 0; i < kPosts; ++i) {
            client.post({{"post_id", name + std::to_string(i)},
                         {"text", "a calm morning by the sea"},
                         {"options", {{"genres", {"rare"}}}}});
        }
        EXPECT_TRUE(eventually([&] {
            return stack.count("SELECT COUNT(*) FROM picks WHERE post_id LIKE '" + name + "%'") == kPosts;
        }));
        return Ticks{ticks_of(process, "bgmd") - before.loop,
                     ticks_of(process, "recommender") - before.recommender};
    };
    const Ticks few = looks("few-");
    const fs::path tracks = stack.folder() / "tracks.jsonl";
    {
        std::ofstream file(tracks);
        for (int i = 0; i < kTracks; ++i) {
            file << R"({"track_id":"t)" << i << R"(","title":"T","artist":"A)" << i % 5000 << R"(","genre":")"
                 << (i % 4999 == 0 ? "rare" : "common") << R"(","moods":{"calm":)" << 1 + i % 7
                 << R"(,"joyful":)" << 1 + i % 11 << R"(,"sad":)" << 1 + i % 13 << "}}\n";
        }
    }
    ASSERT_EQ(stack.bgmctl("catalogue import '" + tracks.string() + "'").exit_code, 0);
    ASSERT_TRUE(eventually([&] {
        const auto status = Json::parse(stack.bgmctl("status --json").text);
        return status.at("catalogue").at("tracks").get<int>() >= kTracks;
    }));
    const Ticks many = looks("many-");
    EXPECT_GT(many.recommender - few.recommender, many.loop - few.loop);
    std::cout << "processor time beside " << kPosts << " looks through few tracks and " << kTracks
              << ": loop " << few.loop << " and " << many.loop << " ticks, recommender " << few.recommender
              << " and " << many.recommender << "; longest turn of the loop "
              << metric(stack, "bgmd_loop_longest_turn_seconds") * 1000 << " ms\n";
}

}  // namespace
}  // namespace bgm::test
