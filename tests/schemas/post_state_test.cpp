// The life of a post is a table: its states have names of their own, each can be reached, none but the end of
// a post's way is a dead end, and a new revision is welcome in every state that the journal stores.
#include "schemas/post_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace bgm {
namespace {

using Move = std::tuple<std::string, std::string, std::string>;  // from, to, when

// The manual's table of moves. Rows with "(nothing)" or "(forgotten)" are about posts that are in no state.
std::set<Move> moves_in_the_manual() {
    std::ifstream manual(BGM_SOURCE_DIR "/docs/life-of-a-post.md");
    const std::regex row(R"re(\| ([a-z, ]+) \| ([a-z]+) \| (.+) \| .*\|)re");
    const std::regex state("[a-z]+");
    std::set<Move> moves;
    bool here = false;
    for (std::string line; std::getline(manual, line);) {
        if (line.starts_with("## ")) here = line == "## Moves";
        std::smatch cells;
        if (!here || !std::regex_match(line, cells, row) || cells[1] == "from") continue;
        const std::string from = cells[1];
        for (std::sregex_iterator each(from.begin(), from.end(), state), end; each != end; ++each)
            EXPECT_TRUE(moves.emplace(each->str(), cells[2], cells[3]).second) << line;
    }
    return moves;
}

TEST(PostStates, AreAllReachedFromAccepted) {
    std::set<PostState> reached{PostState::accepted};
    for (std::size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const Transition& transition : kTransitions) {
            if (reached.contains(transition.from)) reached.insert(transition.to);
        }
    }
    for (const PostState state : kPostStates)
        EXPECT_TRUE(reached.contains(state)) << name(state);
}

TEST(PostStates, HaveNamesOfTheirOwn) {
    std::set<std::string_view> names;
    for (const PostState state : kPostStates) {
        EXPECT_FALSE(name(state).empty());
        EXPECT_TRUE(names.insert(name(state)).second) << name(state);
    }
}

// The numbers lie in journals on disks: another number for a state would turn delivered posts into waiting
// ones.
TEST(PostStates, KeepTheirNumbers) {
    EXPECT_EQ(static_cast<int>(PostState::accepted), 0);
    EXPECT_EQ(static_cast<int>(PostState::analysing), 1);
    EXPECT_EQ(static_cast<int>(PostState::picked), 2);
    EXPECT_EQ(static_cast<int>(PostState::delivered), 3);
    EXPECT_EQ(static_cast<int>(PostState::dead), 4);
}

TEST(PostStates, NeverLeaveAPostStuck) {
    for (const PostState state : kPostStates) {
        EXPECT_TRUE(may_become(state, PostState::accepted))
            << "a new revision finds a post that is " << name(state);
    }
}

TEST(Transitions, AreEachListedOnceWithAReason) {
    std::set<std::pair<PostState, PostState>> moves;
    for (const Transition& transition : kTransitions) {
        EXPECT_FALSE(transition.when.empty());
        EXPECT_TRUE(moves.emplace(transition.from, transition.to).second)
            << name(transition.from) << " to " << name(transition.to);
    }
}

TEST(Transitions, AreThoseOfTheManual) {
    std::set<Move> moves;
    for (const Transition& transition : kTransitions)
        moves.emplace(name(transition.from), name(transition.to), transition.when);
    EXPECT_EQ(moves_in_the_manual(), moves);
}

TEST(Transitions, AreTheOnlyMoves) {
    EXPECT_FALSE(may_become(PostState::delivered, PostState::dead));
    EXPECT_FALSE(may_become(PostState::delivered, PostState::picked));
    EXPECT_FALSE(may_become(PostState::dead, PostState::picked));
    EXPECT_FALSE(may_become(PostState::dead, PostState::delivered));
    EXPECT_FALSE(may_become(PostState::accepted, PostState::delivered));
    int allowed = 0;
    for (const PostState from : kPostStates) {
        for (const PostState to : kPostStates)
            allowed += may_become(from, to) ? 1 : 0;
    }
    EXPECT_EQ(allowed, static_cast<int>(kTransitions.size()));
}

}  // namespace
}  // namespace bgm
