// What one write makes of its decisions: which rows come, which go, and which stay.
//
// Decisions without an origin are compared by revision and time (pick_table.hpp), those with one by their
// messages (decision_rules.hpp). Pure; borrows the decisions.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/store/decision_rules.hpp"
#include "daemon/store/write_effects.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/origin.pb.h"

namespace bgm {

/// Tenant and post_id.
using PostKey = std::pair<std::string_view, std::string_view>;

struct StoredTime {
    std::int64_t seconds = 0;
    std::int32_t microseconds = 0;  // what the columns keep
    // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler writes here compares with a literal 0
    auto operator<=>(const StoredTime&) const = default;
};

/// A decision about one post: exactly one of the two.
struct BatchedDecision {
    const v1::Pick* pick = nullptr;
    const v1::DeadLetter* dead = nullptr;
    std::size_t index = 0;  // in the caller's span
    std::optional<v1::Origin> origin = {};
    bool noted = false;  // its messages were erased or revoked: no effect

    std::uint32_t revision() const { return pick != nullptr ? pick->revision() : dead->revision(); }
    StoredTime time() const;
    PostKey key() const {
        return pick != nullptr ? PostKey{pick->tenant(), pick->post_id()}
                               : PostKey{dead->tenant(), dead->post_id()};
    }
};

/// What is stored about a post already.
struct StoredRow {
    std::string tenant;
    std::string post_id;
    StoredTime time;
    StoredDecision decision;
    PostKey key() const { return {tenant, post_id}; }
};

struct WritePlan {
    struct Row {
        const BatchedDecision* decision = nullptr;
        std::uint32_t revision = 0;
        std::string messages = {};
        std::string fresh = {};  // messages that it answers, and no row had seen
        bool replaces = false;   // something is stored about the post
    };
    /// A row stays, and has seen more messages.
    struct Note {
        PostKey key;
        bool dead = false;
        std::string messages;
    };
    std::vector<Row> rows;  // in the order of the keys
    std::vector<Note> notes;
    std::vector<PostKey> replaced_picks;
    std::vector<PostKey> replaced_dead;
    WriteEffects effects;
};

/// In the order of the keys: writers that lock in one order rarely deadlock. The decisions about one post
/// stand together, the one that counts in the end last.
std::vector<BatchedDecision> batch_of(std::span<const v1::Pick* const> picks,
                                      std::span<const v1::DeadLetter* const> dead);

/// `stored_picks` and `stored_dead` are in the order of their keys.
WritePlan plan_write(const std::vector<BatchedDecision>& batch, const std::vector<StoredRow>& stored_picks,
                     const std::vector<StoredRow>& stored_dead);

}  // namespace bgm
