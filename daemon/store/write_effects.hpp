// What became of the decisions of one write that came from a replicated queue.
#pragma once

#include <cstdint>
#include <vector>

namespace bgm {

struct WriteEffect {
    /// False where its row is not in the tables: it was written before, is outdated, says what is stored
    /// already, or another one of the same batch took its place. It is done with all the same; no event tells
    /// of it. Always true for a decision that carries no origin.
    bool written = true;
    /// What is stored of its post, if anything is, says something else.
    bool overruled = false;
    /// What its row says; 0: what the decision itself says.
    std::uint32_t revision = 0;
};

/// In the order of the spans that were written; empty where each was written as it was.
struct WriteEffects {
    std::vector<WriteEffect> picks;
    std::vector<WriteEffect> dead;
};

}  // namespace bgm
