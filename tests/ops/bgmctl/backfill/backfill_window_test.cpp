// The window hands out what is settled in the order of the lines, sends again what was lost, and never has
// two posts of one id on their way.
#include "ops/bgmctl/backfill/backfill_window.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace bgm {
namespace {

using Clock = BackfillWindow::Clock;
using Ids = std::vector<std::string>;

PostAck ack(const std::string& id, PostAck::Status status = PostAck::Status::accepted) {
    PostAck answer;
    answer.post_id = id;
    answer.status = status;
    return answer;
}

/// Sends what may go, and says which.
Ids send(BackfillWindow& window, std::size_t at_most = 1000, Clock::time_point now = {}) {
    Ids sent;
    window.send_waiting(now, [&](const BackfillWindow::Entry& entry) {
        if (sent.size() == at_most) return false;
        sent.push_back(entry.post_id + "/" + entry.encoded);
        return true;
    });
    return sent;
}

std::vector<std::uint64_t> settled_lines(BackfillWindow& window) {
    std::vector<std::uint64_t> lines;
    while (auto entry = window.take_settled()) {
        lines.push_back(entry->line_number);
    }
    return lines;
}

BackfillWindow window_of(const Ids& ids) {
    BackfillWindow window;
    std::uint64_t line = 0;
    for (const std::string& id : ids) {
        ++line;
        window.add(line, line * 100, id, std::to_string(line));
    }
    return window;
}

TEST(BackfillWindow, HandsOutInTheOrderOfTheLinesWhateverTheOrderOfTheAcks) {
    BackfillWindow window = window_of({"a", "b", "c"});
    window.add_rejected(4, 400,
                        {.line_number = 4, .post_id = "", .code = "corrupt", .field = "", .message = ""});
    EXPECT_EQ(send(window), (Ids{"a/1", "b/2", "c/3"}));
    EXPECT_TRUE(window.settle(ack("c")));
    EXPECT_TRUE(window.settle(ack("b", PostAck::Status::duplicate)));
    EXPECT_TRUE(settled_lines(window).empty());
    EXPECT_TRUE(window.settle(ack("a")));
    EXPECT_EQ(settled_lines(window), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    EXPECT_TRUE(window.empty());
    EXPECT_EQ(window.bytes(), 0u);
}

TEST(BackfillWindow, ABusyPostWaitsAgain) {
    BackfillWindow window = window_of({"a", "b"});
    send(window);
    window.settle(ack("a", PostAck::Status::busy));
    EXPECT_EQ(window.on_their_way(), 1u);
    EXPECT_EQ(send(window), (Ids{"a/1"}));
}

TEST(BackfillWindow, PostsOfOneIdGoOneAfterTheOther) {
    BackfillWindow window = window_of({"a", "a", "b", "a"});
    EXPECT_EQ(send(window), (Ids{"a/1", "b/3"}));
    EXPECT_TRUE(send(window).empty());
    window.settle(ack("a"));
    EXPECT_EQ(send(window), (Ids{"a/2"})) << "the second, not the fourth: the last line has to win";
    window.settle(ack("a"));
    EXPECT_EQ(send(window), (Ids{"a/4"}));
}

TEST(BackfillWindow, AnEarlierLineThatCouldNotGoHoldsLaterOnesOfItsId) {
    BackfillWindow window = window_of({"a", "b", "a"});
    send(window);
    window.settle(ack("b"));
    window.settle(ack("a", PostAck::Status::busy));
    EXPECT_EQ(send(window), (Ids{"a/1"}));
}

TEST(BackfillWindow, WhatWasOnItsWayWhenTheConnectionBrokeGoesAgain) {
    BackfillWindow window = window_of({"a", "b", "c"});
    send(window, 2);
    window.settle(ack("a"));
    window.send_all_again();
    EXPECT_EQ(window.on_their_way(), 0u);
    EXPECT_EQ(send(window), (Ids{"b/2", "c/3"}));
    EXPECT_TRUE(window.settle(ack("b")));
    EXPECT_FALSE(window.settle(ack("b", PostAck::Status::duplicate)))
        << "the answer to its first sending, late";
}

TEST(BackfillWindow, APostThatIsNeverAnsweredIsGivenUpInTheEnd) {
    BackfillWindow window = window_of({"a", "b"});
    const auto patience = std::chrono::seconds(10);
    Clock::time_point now{};
    send(window, 1000, now);
    window.settle(ack("b"));
    for (int i = 0; i < 2; ++i) {
        now += patience;
        window.send_overdue_again(now, patience);
        EXPECT_EQ(send(window, 1000, now), (Ids{"a/1"}));
        window.send_overdue_again(now + std::chrono::seconds(9), patience);
        EXPECT_EQ(window.on_their_way(), 1u) << "not overdue yet";
    }
    window.send_overdue_again(now + patience, patience);
    const auto entry = window.take_settled();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rejection.code, "deadline_exceeded");
    EXPECT_EQ(settled_lines(window), (std::vector<std::uint64_t>{2}));
}

TEST(BackfillWindow, SettlesEveryLineOnceUnderARandomDaemon) {
    // Acks in any order, BUSY, lost connections, repeated ids: in the end every line is handed out once, in
    // order.
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        BackfillWindow window;
        std::uint64_t added = 0;
        std::uint64_t last = 0;
        Ids sent;
        int steps = 0;
        while (last < 60) {
            ASSERT_LT(++steps, 100'000) << "line " << last + 1 << " is never settled";
            while (window.size() < 8 && added < 60) {
                ++added;
                window.add(added, added, "p" + std::to_string(random() % 20), std::to_string(added));
            }
            window.send_waiting({}, [&](const BackfillWindow::Entry& entry) {
                EXPECT_EQ(std::count(sent.begin(), sent.end(), entry.post_id), 0) << "twice on its way";
                sent.push_back(entry.post_id);
                return random() % 4 != 0 || (sent.pop_back(), false);
            });
            if (random() % 10 == 0) {
                window.send_all_again();
                sent.clear();
            }
            if (!sent.empty()) {
                const std::size_t which = random() % sent.size();
                const auto status = random() % 5 == 0 ? PostAck::Status::busy : PostAck::Status::accepted;
                EXPECT_TRUE(window.settle(ack(sent[which], status)));
                sent.erase(sent.begin() + static_cast<std::ptrdiff_t>(which));
            }
            for (const std::uint64_t line : settled_lines(window)) {
                ASSERT_EQ(line, last + 1);
                last = line;
            }
        }
        EXPECT_TRUE(window.empty());
        EXPECT_EQ(window.bytes(), 0u);
    }
}

}  // namespace
}  // namespace bgm
