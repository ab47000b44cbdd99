// The life of a post: five states and the moves between them. The journal, the documentation and the tests
// all read this one table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bgm {

/// The numbers are stored in the journal: never reuse or renumber them.
enum class PostState : std::uint8_t {
    accepted = 0,   // valid and durable; waits for a worker
    analysing = 1,  // tasks are with workers under leases; kept in memory only, a restart finds it `accepted`
    picked = 2,     // mood and tracks are decided and durable
    delivered = 3,  // committed in MySQL, event published
    dead = 4,       // could not be analysed; waits for an operator
};

inline constexpr std::array kPostStates{PostState::accepted, PostState::analysing, PostState::picked,
                                        PostState::delivered, PostState::dead};

struct Transition {
    PostState from;
    PostState to;
    std::string_view when;
};

inline constexpr std::array kTransitions{
    Transition{PostState::accepted, PostState::analysing, "its tasks are dispatched"},
    Transition{PostState::analysing, PostState::accepted, "the daemon restarts, or a new revision arrives"},
    Transition{PostState::analysing, PostState::picked,
               "every modality has answered, failed or run out of time"},
    Transition{PostState::analysing, PostState::delivered,
               "the same, without MySQL: the journal is its home"},
    Transition{PostState::analysing, PostState::dead, "no modality could be used"},
    Transition{PostState::picked, PostState::delivered, "the MySQL transaction committed"},
    Transition{PostState::picked, PostState::dead, "MySQL refuses the row itself"},
    Transition{PostState::dead, PostState::accepted, "an operator retries it, or a new revision arrives"},
    Transition{PostState::accepted, PostState::accepted, "a new revision arrives"},
    Transition{PostState::picked, PostState::accepted, "a new revision arrives"},
    Transition{PostState::delivered, PostState::accepted, "a new revision arrives"},
};

constexpr bool may_become(PostState from, PostState to) {
    for (const Transition& transition : kTransitions) {
        if (transition.from == from && transition.to == to) return true;
    }
    return false;
}

constexpr std::string_view name(PostState state) {
    constexpr std::array<std::string_view, 5> kNames{"accepted", "analysing", "picked", "delivered", "dead"};
    return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace bgm
