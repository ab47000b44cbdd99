// kill -9 of the daemon while it exchanges its catalogue, again and again, under a stream of posts: each
// acknowledged post ends exactly once, and what it got is of one version of the catalogue, never half of one
// and half of the next.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <set>
#include <thread>

#include "schemas/track_model.hpp"
#include "tests/end_to_end/persistent_client.hpp"

namespace bgm::test {
namespace {

constexpr int kKills = 6;
constexpr int kPostsEach = 2'000;  // at most
constexpr int kBatch = 20;
constexpr int kTracks =
    20'000;  // of each of two kinds, which take turns: enough for a first look and for blocks

class ExchangeCrash : public testing::Test {
 protected:
    ExchangeCrash() : stack_({.settings = {"catalogue.refresh_ms=100"}}) {
        stack_.sql("DELETE FROM tracks");
        // Two kinds, of which one is active; what was heard in each says of which version it is.
        stack_.sql(
            "INSERT INTO tracks (track_id, title, artist, genre, moods, valence, arousal, source, active) "
            "SELECT "
            "CONCAT(k.kind, LPAD(s.seq, 6, '0')), 'Song', CONCAT('Artist ', s.seq), 'pop', '{\"sad\": 0.4, "
            "\"calm\": 0.4, \"joyful\": 0.2}', 0.1, MOD(s.seq, 100) / 100, 'test', 0 FROM seq_1_to_" +
            std::to_string(kTracks) + " s JOIN (SELECT 'even-' kind UNION SELECT 'odd-') k");
        stack_.sql(
            "INSERT INTO track_analysis (track_id, model, analysed_at, file_bytes, file_sha256, seconds, "
            "loudness_lufs, range_lu, tempo_bpm, tempo_confidence, key_tonic, key_minor, key_confidence, "
            "energy, "
            "speech, moment_ms, moods, valence, arousal, windows, beats, embedding_model, embedding, "
            "fingerprint) "
            "SELECT track_id, '" +
            std::string(kTrackModel) +
            "', NOW(6), 1, REPEAT('a', 64), 80000, -14, 5, 100, 0.5, 1, 0, 0.5, 0.5, 0, 0, '{}', 0, 0, '[]', "
            "'[]', "
            "'test', x'0000803f0000803f', '' FROM tracks");
        exchange();
    }

    /// The other kind of tracks, and another moment in each: one transaction, and so one version.
    void exchange() {
        ++version_;
        const std::string kind = version_ % 2 == 0 ? "even-" : "odd-";
        stack_.sql("START TRANSACTION; UPDATE tracks SET active = track_id LIKE '" + kind +
                   "%'; UPDATE track_analysis SET analysed_at = NOW(6), moment_ms = " +
                   std::to_string(version_) + " WHERE track_id LIKE '" + kind + "%'; COMMIT");
    }
    /// A pick with the tracks of each kind in it, and how many moments they begin at.
    std::vector<std::vector<std::string>> mixed() const {
        return stack_.sql(
            "SELECT post_id, COUNT(*), GROUP_CONCAT(CONCAT(track_id, ' at ', start_ms)) FROM pick_tracks "
            "GROUP BY "
            "post_id HAVING COUNT(*) != 5 OR COUNT(DISTINCT SUBSTRING_INDEX(track_id, '-', 1)) != 1 OR "
            "COUNT(DISTINCT start_ms) != 1 OR MAX(start_ms) % 2 != (MAX(track_id) LIKE 'odd-%')");
    }
    std::filesystem::path copy() const { return stack_.folder() / "data" / "catalogue.jsonl"; }
    /// While a catalogue is read, the copy of it is written beside the last one.
    bool is_exchanging() const { return std::filesystem::exists(copy().string() + ".new"); }

    Stack stack_;
    int version_ = 0;
};

TEST_F(ExchangeCrash, NothingIsLostDoubledOrHalf) {
    ASSERT_TRUE(eventually([&] {
        return stack_.http_get("/metrics")
                   .body.find("bgmd_catalogue_analyses{use=\"used\"} " + std::to_string(kTracks)) !=
               std::string::npos;
    }));
    PersistentClient client(stack_, [](int number) {
        return std::pair(Json{{"text", "post " + std::to_string(number) + " of a long and rainy day"}},
                         Frames{});
    });
    int killed = 0;
    int posts = 0;
    for (int round = 0; round < kKills; ++round) {
        std::atomic<bool> done = false;
        const std::jthread operation([&] {
            exchange();
            if (eventually([&] { return is_exchanging(); })) killed += stack_.signal("bgmd", SIGKILL) ? 1 : 0;
            std::filesystem::remove(copy().string() + ".new");  // or the next round would wait for nothing
            stack_.up();
            done = true;
        });
        // Posts come all the while, but not without end.
        for (const int begin = posts; !done && posts < begin + kPostsEach; posts += kBatch)
            client.stream(posts, posts + kBatch, [] {});
    }
    EXPECT_EQ(killed, kKills) << "the daemon was there to be killed while it exchanged its catalogue";
    ASSERT_EQ(client.acknowledged.size(), static_cast<std::size_t>(posts));
    EXPECT_TRUE(eventually([&] {
        return stack_.count("SELECT (SELECT COUNT(*) FROM picks) + (SELECT COUNT(*) FROM dead_posts)") >=
               posts;
    }));
    std::set<std::string> found;
    for (const auto& row : stack_.sql("SELECT post_id FROM picks UNION ALL SELECT post_id FROM dead_posts"))
        EXPECT_TRUE(found.insert(row.at(0)).second) << row.at(0) << " is there twice";
    EXPECT_EQ(found, client.acknowledged);
    EXPECT_EQ(stack_.count("SELECT COUNT(*) FROM dead_posts"), 0);
    for (const auto& row : mixed())
        ADD_FAILURE() << row.at(0) << " got " << row.at(1)
                      << " tracks of more than one version: " << row.at(2);
    EXPECT_GT(stack_.count("SELECT COUNT(DISTINCT start_ms) FROM pick_tracks"), 1) << "versions did change";

    // The last version is in use in the end, and the copy for a start without MySQL is all of it.
    Conversation last(stack_);
    EXPECT_TRUE(eventually([&, n = 0]() mutable {
        const std::string id = "last-" + std::to_string(n++);
        last.post({{"post_id", id}, {"text", "a calm evening"}});
        return wait_for_pick(stack_, id) &&
               stack_.count("SELECT COUNT(*) FROM pick_tracks WHERE post_id = '" + id +
                            "' AND start_ms = " + std::to_string(version_)) == 5;
    }));
    int lines = 0;
    std::ifstream file(copy());
    for (std::string line; std::getline(file, line); ++lines)
        EXPECT_EQ(Json::parse(line)["track_id"].get<std::string>().starts_with("odd-"), version_ % 2 == 1);
    EXPECT_EQ(lines, kTracks);
    std::cout << "killed " << killed << " times; " << client.sent_again << " posts were sent again; picks of "
              << stack_.count("SELECT COUNT(DISTINCT start_ms) FROM pick_tracks") << " versions\n";
}

}  // namespace
}  // namespace bgm::test
