// bgm-bench-journal FILE POSTS [1]: writes a journal of so many delivered posts, and says how long it takes
// to open it, with what a start asks it. A third argument makes it one of schema version 1, as an older bgmd
// left it: the first opening brings it up to date.
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "daemon/base/clock.hpp"
#include "daemon/journal/journal_store.hpp"

namespace bgm::bench {
namespace {

constexpr std::int64_t kBytesMax = std::int64_t{64} << 30U;
constexpr std::int64_t kPostsPerCommit = 10'000;

Status fill(const std::string& file, std::int64_t posts) {
    auto store = JournalStore::open(file, kBytesMax);
    if (!store) return store.error();
    for (std::int64_t done = 0; done < posts;) {
        if (auto begun = (*store)->begin(); !begun) return begun;
        for (std::int64_t i = 0; i < kPostsPerCommit && done < posts; ++i, ++done) {
            const std::string digits = std::to_string(done * 7919 % 1'000'000'007);
            auto accepted = (*store)->accept({.tenant = "default",
                                              .post_id = "post-" + digits + "-" + std::to_string(done),
                                              .priority = 0,
                                              .content_hash = std::string(32 - digits.size(), 'h') + digits,
                                              .post = "p",
                                              .media = ""},
                                             now_ms());
            if (!accepted) return accepted.error();
            auto moved = (*store)->set_picked(accepted->seq, 1, "", PostState::picked, now_ms());
            if (moved) moved = (*store)->set_delivered(accepted->seq, 1, now_ms());
            if (!moved) return moved.error();
        }
        if (auto committed = (*store)->commit(); !committed) return committed;
    }
    return ok_status();
}

bool make_older(const std::string& file) {
    sqlite3* database = nullptr;
    const bool done =
        sqlite3_open(file.c_str(), &database) == SQLITE_OK &&
        sqlite3_exec(database, "DROP TABLE counts; DROP INDEX posts_media; PRAGMA user_version = 1", nullptr,
                     nullptr, nullptr) == SQLITE_OK;
    sqlite3_close(database);
    return done;
}

Status time_opening(const std::string& file) {
    const Stopwatch stopwatch;
    auto store = JournalStore::open(file, kBytesMax);
    if (!store) return store.error();
    auto media = (*store)->media_in_use();
    if (!media) return media.error();
    std::printf("  opened in %.0f ms\n", stopwatch.seconds() * 1000);
    return ok_status();
}

int run(const std::string& file, std::int64_t posts, bool older) {
    Status done = fill(file, posts);
    if (done && older && !make_older(file)) done = Error{.code = ErrorCode::internal, .message = "not made"};
    for (int i = 0; i < 2 && done; ++i)
        done = time_opening(file);
    if (done) return EXIT_SUCCESS;
    std::cerr << "bgm-bench-journal: " << done.error().to_string() << '\n';
    return EXIT_FAILURE;
}

}  // namespace
}  // namespace bgm::bench

int main(int count, char** values) {
    if (count < 3) {
        std::cerr << "usage: bgm-bench-journal FILE POSTS [1]\n";
        return 2;
    }
    return bgm::bench::run(values[1], std::strtoll(values[2], nullptr, 10), count > 3);
}
