// Each message of a replicated queue has one effect, however often and by whomever it is answered.
#include "daemon/store/decision_rules.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/daemon/store/messages.hpp"

namespace bgm {
namespace {

using enum RowVerdict::Kind;
using test::joined;
using test::Line;
using test::message_id;
using test::origin;

/// A post's row, as decisions come one after the other.
class Row {
 public:
    RowVerdict::Kind take(const v1::Origin& origin, bool dead = false) {
        EXPECT_TRUE(check(origin));
        RowVerdict verdict = judge(origin, stored_ ? &*stored_ : nullptr);
        if (verdict.kind == replaces) {
            stored_ = StoredDecision{.revision = verdict.revision,
                                     .dead = dead,
                                     .content_hash = origin.content_hash(),
                                     .messages = verdict.messages};
        } else {
            EXPECT_EQ(verdict.revision, stored_->revision);
            stored_->messages = verdict.messages;
        }
        return verdict.kind;
    }
    const StoredDecision& stored() const { return *stored_; }

 private:
    std::optional<StoredDecision> stored_;
};

const std::string kA1 = message_id(1);
const std::string kB = message_id(2);
const std::string kA2 = message_id(3);

TEST(DecisionRules, ThereAndBackCountsThreeAndIsNotCountedAgain) {
    Row row;
    EXPECT_EQ(row.take(origin({kA1}, "A")), replaces);
    EXPECT_EQ(row.stored().revision, 1U);
    EXPECT_EQ(row.take(origin({kB}, "B")), replaces);
    EXPECT_EQ(row.take(origin({kA2}, "A")), replaces);
    EXPECT_EQ(row.stored().revision, 3U);
    EXPECT_EQ(row.stored().messages, joined({kA1, kB, kA2}));
    // The host died between its commits and its acks.
    for (const auto& again : {origin({kA1}, "A"), origin({kB}, "B"), origin({kA1, kB, kA2}, "A")})
        EXPECT_EQ(row.take(again), nothing);
    EXPECT_EQ(row.stored().revision, 3U);
    EXPECT_EQ(row.stored().content_hash, origin({kA1}, "A").content_hash());
}

TEST(DecisionRules, SupersededMessagesAreCounted) {
    Row row;
    EXPECT_EQ(row.take(origin({kA1, kB, kA2}, "A")), replaces);
    EXPECT_EQ(row.stored().revision, 3U);
    // A host that everybody thought dead.
    EXPECT_EQ(row.take(origin({kA1}, "A")), nothing);
    EXPECT_EQ(row.take(origin({kA1, kB}, "B")), nothing);
    const std::string more = message_id(4);
    EXPECT_EQ(row.take(origin({kB, kA2, more}, "C")), replaces);
    EXPECT_EQ(row.stored().revision, 4U);
    EXPECT_EQ(row.stored().messages, joined({kA1, kB, kA2, more}));
}

TEST(DecisionRules, ADuplicateChangesNothingAlsoBehindAnotherContent) {
    Row row;
    ASSERT_EQ(row.take(origin({kA1}, "A")), replaces);
    EXPECT_EQ(row.take(origin({kA2}, "A")), passed_over);
    EXPECT_EQ(row.stored().revision, 1U);
    ASSERT_EQ(row.take(origin({message_id(4)}, "B")), replaces);
    EXPECT_EQ(row.stored().revision, 2U);
    // Handed out again: it came before what is stored now.
    EXPECT_EQ(row.take(origin({kA2}, "A")), nothing);
    EXPECT_EQ(row.stored().content_hash, origin({kB}, "B").content_hash());
}

TEST(DecisionRules, LiveGoesOverOlderBackfill) {
    const std::string old_backfill = message_id(5, Line::backfill);
    const std::string live = message_id(10);
    const std::string new_backfill = message_id(20, Line::backfill);
    Row row;
    ASSERT_EQ(row.take(origin({live}, "live")), replaces);
    EXPECT_EQ(row.take(origin({old_backfill}, "old")), passed_over);
    EXPECT_EQ(row.stored().messages, joined({old_backfill, live}));
    EXPECT_EQ(row.take(origin({new_backfill}, "new")), replaces);
    EXPECT_EQ(row.stored().revision, 2U);
    // The same line as the last, but it had its turn.
    EXPECT_EQ(row.take(origin({old_backfill}, "old")), nothing);
    EXPECT_EQ(row.take(origin({message_id(15)}, "late live")), passed_over);
    EXPECT_EQ(row.stored().content_hash, origin({new_backfill}, "new").content_hash());
}

TEST(DecisionRules, WithinALineTheQueuesOrderCountsNotTheClocks) {
    Row row;
    ASSERT_EQ(row.take(origin({message_id(1'000'000)}, "A")), replaces);
    EXPECT_EQ(row.take(origin({message_id(5)}, "B")), replaces);
    EXPECT_EQ(row.stored().revision, 2U);
}

TEST(DecisionRules, OnlyTheRetryOfADeadLetterMayHaveItsContent) {
    Row row;
    ASSERT_EQ(row.take(origin({kA1}, "A"), true), replaces);
    EXPECT_EQ(row.take(origin({kB}, "A"), true), passed_over) << "posted again";
    EXPECT_EQ(row.take(origin({kA2}, "A", true)), replaces);
    EXPECT_EQ(row.stored().revision, 2U);
    EXPECT_EQ(row.take(origin({message_id(4)}, "A", true)), passed_over) << "it is picked by now";
    EXPECT_EQ(row.take(origin({kA2}, "A", true)), nothing);
}

TEST(DecisionRules, ARetryIsNoRevisionOfItsOwn) {
    std::string retry = message_id(2);
    retry.back() = kRetryBit;
    Row row;
    ASSERT_EQ(row.take(origin({kA1}, "A"), true), replaces);
    auto retried = origin({retry}, "A", true);
    retried.set_retried_revision(1);
    EXPECT_EQ(row.take(retried), replaces);
    EXPECT_EQ(row.stored().revision, 1U);
    // Its row was gone by then.
    retried.set_retried_revision(7);
    EXPECT_EQ(judge(retried, nullptr).revision, 7U);
    EXPECT_EQ(judge(origin({retry}, "A", true), nullptr).revision, 1U);
    retried.add_messages(kA2);
    EXPECT_EQ(judge(retried, nullptr).revision, 8U) << "and another version behind it";
}

TEST(DecisionRules, ARetryGoesOverNothingThatWasPostedLater) {
    Row row;
    ASSERT_EQ(row.take(origin({kA1}, "A"), true), replaces);
    ASSERT_EQ(row.take(origin({message_id(9)}, "B")), replaces);
    EXPECT_EQ(row.take(origin({message_id(2)}, "A", true)), passed_over);
    EXPECT_EQ(row.stored().content_hash, origin({kB}, "B").content_hash());
}

TEST(DecisionRules, ARowOfALocalQueueIsReplaced) {
    const StoredDecision stored{.revision = 7};
    const RowVerdict verdict = judge(origin({kA1, kB}, "A"), &stored);
    EXPECT_EQ(verdict.kind, replaces);
    EXPECT_EQ(verdict.revision, 9U);
    EXPECT_EQ(verdict.messages, joined({kA1, kB}));
}

TEST(DecisionRules, MoreMessagesThanARowKeepsAreAppliedOnce) {
    const std::size_t many = kMessagesKept + 40;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < many; ++at)
        messages.push_back(message_id(at + 1));
    Row row;
    ASSERT_EQ(row.take(origin(messages, "A")), replaces);
    EXPECT_EQ(row.stored().revision, many);
    EXPECT_EQ(row.stored().messages.size(), kMessagesKept * kMessageIdBytes);
    EXPECT_EQ(row.take(origin(messages, "A")), nothing);
    messages.push_back(message_id(many + 1));
    EXPECT_EQ(row.take(origin(messages, "B")), replaces);
    EXPECT_EQ(row.stored().revision, many + 1);
    EXPECT_EQ(row.stored().messages.substr(row.stored().messages.size() - kMessageIdBytes), messages.back());
}

// Another host may have it still, and answer it behind what was posted since.
TEST(DecisionRules, WhatSaidTheSameOnItsWayIsSeenAndCountsNothing) {
    Row row;
    v1::Origin first = origin({kA1}, "A");
    first.add_alike(kB);
    EXPECT_EQ(row.take(first), replaces);
    EXPECT_EQ(row.stored().revision, 1U);
    EXPECT_EQ(row.stored().messages, joined({kB, kA1}));
    EXPECT_EQ(row.take(origin({kB}, "A")), nothing);
    first.add_alike(kA2);
    EXPECT_EQ(row.take(first), passed_over);
    EXPECT_EQ(row.stored().messages, joined({kB, kA2, kA1}));
    EXPECT_EQ(row.take(first), nothing);
    EXPECT_EQ(row.take(origin({message_id(4)}, "B")), replaces);
    EXPECT_EQ(row.take(origin({kA2}, "A")), nothing);
    EXPECT_EQ(row.stored().revision, 2U);
}

// There and back, and the host died between the commit of the second and its acks: the third says what the
// first one said, which is not what the row says.
TEST(DecisionRules, WhatSaidTheSameAsAnOlderContentIsNotSeen) {
    Row row;
    EXPECT_EQ(row.take(origin({kA1, kB}, "B")), replaces);
    v1::Origin again = origin({kA1}, "A");
    again.add_alike(kA2);
    EXPECT_EQ(row.take(again), nothing);
    EXPECT_EQ(row.take(origin({kA2}, "A")), replaces);
    // Nor beside what is outdated.
    v1::Origin old = origin({message_id(1, Line::backfill)}, "C");
    old.add_alike(message_id(9, Line::backfill));
    EXPECT_EQ(row.take(old), passed_over);
    EXPECT_EQ(row.take(origin({message_id(9, Line::backfill)}, "C")), replaces);
}

TEST(DecisionRules, AnOriginIsCheckedBeforeItCounts) {
    const auto field = [](const v1::Origin& origin) {
        const Status status = check(origin);
        return status ? std::string("fine") : status.error().field;
    };
    EXPECT_EQ(field(origin({kA1}, "A")), "fine");
    EXPECT_EQ(field(origin({}, "A")), "origin.messages");
    EXPECT_EQ(field(origin({kA1, "short"}, "A")), "origin.messages");
    v1::Origin hashless = origin({kA1}, "A");
    hashless.clear_content_hash();
    EXPECT_EQ(field(hashless), "origin.content_hash");
}

}  // namespace
}  // namespace bgm
