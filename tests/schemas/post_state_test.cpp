// The life of a post is a table: its states have names of their own, each can be reached, none but the end of
// a post's way is a dead end, and a new revision is welcome in every state that the journal stores.
#include "schemas/post_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace bgm {
namespace {

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
