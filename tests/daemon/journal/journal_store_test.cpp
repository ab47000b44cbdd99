// The journal's tables, by themselves: which moves a post can make, that an older revision never overwrites a
// newer one, in which order posts come out, and that the counts are what a SELECT would count.
#include "daemon/journal/journal_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "daemon/journal/journal_schema.hpp"
#include "tests/daemon/journal/journal_store_fixture.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::JournalFile;
using testing::new_post;
using ::testing::UnorderedElementsAre;

using JournalStoreTest = testing::JournalStoreFixture;

constexpr std::array kStoredStates{PostState::accepted, PostState::picked, PostState::delivered,
                                   PostState::dead};

TEST_F(JournalStoreTest, KeepsAPostAsItCame) {
    NewPost post = new_post("p1");
    post.post = std::string("\0bytes\xFF", 7);
    post.media = "folder";
    const Acceptance accepted = accept(post);
    EXPECT_FALSE(accepted.duplicate);
    EXPECT_EQ(accepted.revision, 1U);
    const auto found = store_->find("t", "p1");
    ASSERT_TRUE(found.ok() && found->has_value());
    EXPECT_EQ((*found)->seq, accepted.seq);
    EXPECT_EQ((*found)->state, PostState::accepted);
    EXPECT_EQ((*found)->post, post.post);
    EXPECT_EQ((*found)->media, "folder");
    EXPECT_FALSE(store_->find("other", "p1")->has_value());
    EXPECT_FALSE(store_->row(accepted.seq + 1)->has_value());
}

TEST_F(JournalStoreTest, KeepsTenantsApart) {
    NewPost other = new_post("p1");
    other.tenant = "u";
    EXPECT_NE(accept(new_post("p1")).seq, accept(other).seq);
}

TEST_F(JournalStoreTest, AnswersTheSameContentAsADuplicateInEveryState) {
    for (const PostState state : kStoredStates) {
        SCOPED_TRACE(name(state));
        const std::string post_id(name(state));
        const std::int64_t seq = post_in(state, post_id);
        const Acceptance again = accept(new_post(post_id));
        EXPECT_TRUE(again.duplicate);
        EXPECT_EQ(again.seq, seq);
        EXPECT_EQ(again.revision, 1U);
        EXPECT_EQ(row(seq).state, state) << "a duplicate changes nothing";
    }
    expect_exact_counts();
}

TEST_F(JournalStoreTest, TakesANewRevisionInEveryState) {
    for (const PostState state : kStoredStates) {
        SCOPED_TRACE(name(state));
        const std::string post_id(name(state));
        const std::int64_t seq = post_in(state, post_id);
        NewPost changed = new_post(post_id, "c2");
        changed.media = "new media";
        const Acceptance accepted = accept(changed, 9);
        EXPECT_FALSE(accepted.duplicate);
        EXPECT_EQ(accepted.seq, seq);
        EXPECT_EQ(accepted.revision, 2U);
        EXPECT_EQ(accepted.replaced, state);
        const JournalRow now = row(seq);
        EXPECT_EQ(now.state, PostState::accepted);
        EXPECT_EQ(now.post, "post c2");
        EXPECT_EQ(now.media, "new media");
        EXPECT_THAT(now.pick, IsEmpty());
        EXPECT_THAT(now.dead, IsEmpty());
        EXPECT_TRUE(may_become(state, PostState::accepted));
    }
    expect_exact_counts();
}

TEST_F(JournalStoreTest, TakesTheRetryOfADeadLetterInEveryState) {
    for (const PostState state : kStoredStates) {
        SCOPED_TRACE(name(state));
        const std::string post_id(name(state));
        const std::int64_t seq = post_in(state, post_id);
        NewPost retry = new_post(post_id);
        retry.retry_of_ms = 0;
        const Acceptance accepted = accept(retry, 9);
        EXPECT_FALSE(accepted.duplicate);
        EXPECT_EQ(accepted.revision, 2U);
        EXPECT_EQ(row(seq).state, PostState::accepted);
        EXPECT_EQ(row(seq).accepted_ms, 9);
    }
    expect_exact_counts();
}

TEST_F(JournalStoreTest, ARetryReplacesAnOlderPostAndNoNewerOne) {
    NewPost retry = new_post("p1", "c1");
    retry.retry_of_ms = 5;
    accept(new_post("p1", "newer"), 6);
    EXPECT_TRUE(accept(retry, 9).duplicate);
    accept(new_post("p1", "older"), 4);
    EXPECT_EQ(accept(retry, 9).revision, 3U);
}

TEST_F(JournalStoreTest, NamesTheMediaThatARevisionReplaces) {
    NewPost first = new_post("p1");
    first.media = "m1";
    accept(first);
    NewPost second = new_post("p1", "c2");
    second.media = "m2";
    EXPECT_EQ(accept(second).replaced_media, "m1");
    EXPECT_THAT(*store_->media_in_use(), ElementsAre("m2"));
}

// Back to what it said before: that is a third revision, since the second has been analysed in between.
TEST_F(JournalStoreTest, ComparesWithTheCurrentRevisionOnly) {
    accept(new_post("p1", "c1"));
    accept(new_post("p1", "c2"));
    const Acceptance third = accept(new_post("p1", "c1"));
    EXPECT_FALSE(third.duplicate);
    EXPECT_EQ(third.revision, 3U);
}

TEST_F(JournalStoreTest, LetsNoOlderRevisionOverwriteANewerOne) {
    const std::int64_t seq = accept(new_post("p1")).seq;
    accept(new_post("p1", "c2"));
    EXPECT_FALSE(*store_->set_picked(seq, 1, "old pick", PostState::picked, 2));
    EXPECT_FALSE(*store_->set_dead(seq, 1, "old dead", 2));
    EXPECT_EQ(row(seq).state, PostState::accepted);

    ASSERT_TRUE(*store_->set_picked(seq, 2, "pick", PostState::picked, 3));
    EXPECT_FALSE(*store_->set_delivered(seq, 1, 4));
    EXPECT_FALSE(*store_->set_dead(seq, 1, "old dead", 4));
    EXPECT_EQ(row(seq).pick, "pick");

    ASSERT_TRUE(*store_->set_dead(seq, 2, "dead", 5));
    EXPECT_FALSE(*store_->set_dead_synced(seq, 1));
    EXPECT_THAT(*store_->undelivered(10), ElementsAre(seq));
    expect_exact_counts();
}

TEST_F(JournalStoreTest, DoesNothingTwice) {
    const std::int64_t picked = post_in(PostState::picked, "picked");
    EXPECT_FALSE(*store_->set_picked(picked, 1, "again", PostState::picked, 9));
    const std::int64_t delivered = post_in(PostState::delivered, "delivered");
    EXPECT_FALSE(*store_->set_delivered(delivered, 1, 9));
    EXPECT_FALSE(*store_->set_dead(delivered, 1, "late", 9)) << "what is delivered stays delivered";
    const std::int64_t dead = post_in(PostState::dead, "dead");
    EXPECT_FALSE(*store_->set_dead(dead, 1, "again", 9));
    EXPECT_FALSE(*store_->set_picked(dead, 1, "late", PostState::picked, 9));
    EXPECT_EQ(row(dead).dead, "dead");
    expect_exact_counts();
}

TEST_F(JournalStoreTest, KeepsThePickWhereItIsItsOnlyHome) {
    const std::int64_t seq = accept(new_post("p1")).seq;
    ASSERT_TRUE(*store_->set_picked(seq, 1, "pick", PostState::delivered, 2));
    EXPECT_EQ(row(seq).state, PostState::delivered);
    EXPECT_EQ(row(seq).pick, "pick");
    EXPECT_THAT(*store_->undelivered(10), IsEmpty());
    expect_exact_counts();
}

TEST_F(JournalStoreTest, HandsOutLivePostsBeforeBackfillAndTheOldestFirst) {
    const auto backfill_1 = accept(new_post("b1", "c", 1)).seq;
    const auto live_1 = accept(new_post("l1")).seq;
    const auto backfill_2 = accept(new_post("b2", "c", 1)).seq;
    const auto live_2 = accept(new_post("l2")).seq;
    post_in(PostState::picked, "done");
    EXPECT_THAT(*store_->waiting(10), ElementsAre(live_1, live_2, backfill_1, backfill_2));
    EXPECT_THAT(*store_->waiting(3), ElementsAre(live_1, live_2, backfill_1));
    accept(new_post("b1", "c2", 0));
    EXPECT_THAT(*store_->waiting(10), ElementsAre(backfill_1, live_1, live_2, backfill_2))
        << "a revision may be more urgent, and keeps its place among its equals";
}

TEST_F(JournalStoreTest, NamesWhatWaitsForDelivery) {
    const auto picked = post_in(PostState::picked, "picked");
    const auto dead = post_in(PostState::dead, "dead");
    const auto synced = post_in(PostState::dead, "synced");
    post_in(PostState::delivered, "delivered");
    post_in(PostState::accepted, "accepted");
    ASSERT_TRUE(*store_->set_dead_synced(synced, 1));
    EXPECT_THAT(*store_->undelivered(10), UnorderedElementsAre(picked, dead));
}

TEST_F(JournalStoreTest, DeliversLivePostsBeforeBackfillToo) {
    const auto backfill = accept(new_post("b", "c", 1)).seq;
    const auto live = accept(new_post("l")).seq;
    for (const std::int64_t seq : {backfill, live})
        ASSERT_TRUE(*store_->set_picked(seq, 1, "pick", PostState::picked, 2));
    EXPECT_THAT(*store_->undelivered(10), ElementsAre(live, backfill));
    EXPECT_THAT(*store_->undelivered(1), ElementsAre(live));
}

TEST_F(JournalStoreTest, LetsAnOperatorRetryOrDropADeadLetter) {
    NewPost with_media = new_post("retried");
    with_media.media = "m";
    const auto retried = accept(with_media).seq;
    ASSERT_TRUE(*store_->set_dead(retried, 1, "dead", 2));
    const auto dropped = post_in(PostState::dead, "dropped");
    const auto other = post_in(PostState::picked, "picked");
    EXPECT_THAT(*store_->media_in_use(), ElementsAre("m")) << "a retry would need it";
    ASSERT_TRUE(store_->retry_dead(retried, 5));
    EXPECT_EQ(row(retried).state, PostState::accepted);
    EXPECT_EQ(row(retried).revision, 1U);
    EXPECT_EQ(row(retried).post, "post c1");
    EXPECT_THAT(row(retried).dead, IsEmpty());
    ASSERT_TRUE(store_->retry_dead(other, 5));
    EXPECT_EQ(row(other).state, PostState::picked) << "only dead posts are retried";
    ASSERT_TRUE(store_->erase(dropped));
    EXPECT_FALSE(store_->row(dropped)->has_value());
    ASSERT_TRUE(store_->erase(dropped)) << "dropping twice is no error";
    expect_exact_counts();
}

TEST_F(JournalStoreTest, ListsDeadLettersPageByPageAndByTenant) {
    std::vector<std::int64_t> seqs;
    for (const char* post_id : {"a", "b", "c"})
        seqs.push_back(post_in(PostState::dead, post_id));
    NewPost of_another = new_post("d");
    of_another.tenant = "u";
    const auto foreign = accept(of_another).seq;
    ASSERT_TRUE(*store_->set_dead(foreign, 1, "dead", 1));
    EXPECT_EQ(store_->dead("", 0, 10)->size(), 4U);
    EXPECT_EQ(store_->dead("t", 0, 10)->size(), 3U);
    EXPECT_EQ(store_->dead("u", 0, 10)->at(0).seq, foreign);
    const auto page = store_->dead("t", seqs[0], 1);
    ASSERT_EQ(page->size(), 1U);
    EXPECT_EQ(page->at(0).seq, seqs[1]);
}

TEST_F(JournalStoreTest, ForgetsOldDeliveredPostsALittleAtATime) {
    for (const char* post_id : {"a", "b", "c"})
        post_in(PostState::delivered, post_id);  // at 3 ms
    post_in(PostState::picked, "waits");
    ASSERT_TRUE(store_->forget_delivered(3, 10));
    EXPECT_EQ(store_->find("t", "a")->has_value(), true) << "not before its time";
    ASSERT_TRUE(store_->forget_delivered(4, 2));
    expect_exact_counts();
    EXPECT_EQ(store_->counts().by_state.at(static_cast<std::size_t>(PostState::delivered)), 1);
    ASSERT_TRUE(store_->forget_delivered(4, 2));
    EXPECT_TRUE(store_->find("t", "waits")->has_value());
    expect_exact_counts();
}

TEST_F(JournalStoreTest, CountsTheAgeOfTheOldestUnfinishedPost) {
    accept(new_post("young"), 900);
    accept(new_post("old backfill", "c", 1), 400);
    post_in(PostState::dead, "dead");
    ASSERT_TRUE(store_->refresh_counts(1000));
    commit();
    EXPECT_EQ(store_->counts().oldest_unfinished_ms, 600);
    EXPECT_GT(store_->counts().bytes, 0);
}

TEST_F(JournalStoreTest, CountsWhatIsInUseAndNotWhatIsFree) {
    commit();
    const std::int64_t empty = store_->counts().used_bytes;
    NewPost large = new_post("large");
    large.post.assign(500'000, 'x');
    const auto seq = accept(large).seq;
    commit();
    EXPECT_GT(store_->counts().used_bytes, empty + 450'000);
    ASSERT_TRUE(*store_->set_picked(seq, 1, "pick", PostState::picked, 2));
    commit();
    EXPECT_LT(store_->counts().used_bytes, empty + 50'000);
    ASSERT_TRUE(store_->refresh_counts(3));
    commit();
    EXPECT_GT(store_->counts().bytes, 500'000) << "the file itself does not shrink";
}

TEST_F(JournalStoreTest, ForgetsWhatWasNotCommitted) {
    accept(new_post("kept"));
    commit();
    accept(new_post("lost"));
    store_->rollback();
    ASSERT_TRUE(store_->begin());
    EXPECT_FALSE(store_->find("t", "lost")->has_value());
    expect_exact_counts();
}

TEST_F(JournalStoreTest, GoesOnWhereItStoppedAfterBeingReopened) {
    for (const PostState state : kStoredStates)
        post_in(state, std::string(name(state)));
    commit();
    accept(new_post("not committed"));
    reopen();
    for (const PostState state : kStoredStates) {
        const auto found = store_->find("t", name(state));
        ASSERT_TRUE(found.ok() && found->has_value());
        EXPECT_EQ((*found)->state, state);
    }
    EXPECT_FALSE(store_->find("t", "not committed")->has_value());
    expect_exact_counts();
}

// What is still under way for a post that has been erased must not reach the post that came after it.
TEST_F(JournalStoreTest, GivesNoPostThePlaceOfAnErasedOne) {
    const std::int64_t erased = accept(new_post("erased")).seq;
    ASSERT_TRUE(store_->erase(erased));
    const std::int64_t next = accept(new_post("next")).seq;
    EXPECT_NE(next, erased);
    EXPECT_FALSE(*store_->set_picked(erased, 1, "pick of the erased post", PostState::picked, 2));
    EXPECT_THAT(row(next).pick, IsEmpty());
    commit();
    accept(new_post("rolled back"));
    store_->rollback();
    ASSERT_TRUE(store_->begin());
    EXPECT_GT(accept(new_post("another")).seq, next);
}

// The tables as version 1 made them, with a post in each state.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE posts (seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, post_id TEXT NOT NULL, revision INTEGER NOT NULL,
    state INTEGER NOT NULL, priority INTEGER NOT NULL, content_hash BLOB NOT NULL, post BLOB, pick BLOB, dead BLOB,
    media TEXT NOT NULL, synced INTEGER NOT NULL DEFAULT 0, accepted_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX posts_key ON posts (tenant, post_id);
CREATE INDEX posts_waiting ON posts (priority, seq) WHERE state = 0;
CREATE INDEX posts_picked ON posts (priority, seq) WHERE state = 2;
CREATE INDEX posts_delivered ON posts (changed_ms) WHERE state = 3;
CREATE INDEX posts_dead ON posts (seq) WHERE state = 4;
PRAGMA user_version = 1;
INSERT INTO posts VALUES
    (1, 't', 'accepted', 2, 0, 0, x'6331', x'01', NULL, NULL, 'm1', 0, 1, 1),
    (2, 't', 'picked', 1, 2, 0, x'6331', NULL, x'02', NULL, '', 0, 1, 2),
    (3, 't', 'delivered', 1, 3, 0, x'6331', NULL, NULL, NULL, '', 0, 1, 3),
    (4, 't', 'also delivered', 1, 3, 1, x'6331', NULL, NULL, NULL, '', 0, 1, 4),
    (9, 't', 'dead', 1, 4, 0, x'6331', x'01', NULL, x'03', 'm9', 1, 1, 5);
)sql";

TEST_F(JournalStoreTest, BringsAJournalOfTheFirstVersionUpToDate) {
    store_.reset();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(file().string() + suffix);
    JournalFile(file()).execute(kVersion1);
    for (int opening = 0; opening < 2; ++opening) {
        reopen();
        expect_exact_counts();
        EXPECT_EQ(store_->counts().by_state.at(static_cast<std::size_t>(PostState::delivered)), 2);
        EXPECT_EQ(JournalFile(file()).number("PRAGMA user_version"), kJournalVersion);
        EXPECT_THAT(*store_->media_in_use(), UnorderedElementsAre("m1", "m9"));
    }
    EXPECT_EQ(row(1).revision, 2U);
    EXPECT_TRUE(accept(new_post("delivered")).duplicate) << "what was delivered before is known";
    EXPECT_EQ(accept(new_post("new")).seq, 10);
    ASSERT_TRUE(*store_->set_picked(1, 2, "pick", PostState::picked, 6));
    EXPECT_THAT(*store_->media_in_use(), ElementsAre("m9"));
    expect_exact_counts();
}

// The second version had the counts; each version is made of the one before.
TEST_F(JournalStoreTest, BringsAJournalOfTheSecondVersionUpToDate) {
    store_.reset();
    for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(file().string() + suffix);
    JournalFile(file()).execute(std::string(kVersion1) + R"sql(
CREATE INDEX posts_media ON posts (media) WHERE media <> '';
CREATE TABLE counts (state INTEGER PRIMARY KEY, posts INTEGER NOT NULL) STRICT;
INSERT INTO counts VALUES (0, 1), (2, 1), (3, 2), (4, 1);
PRAGMA user_version = 2;
)sql");
    reopen();
    expect_exact_counts();
    EXPECT_EQ(row(1).revision, 2U);
    EXPECT_TRUE(accept(new_post("delivered")).duplicate);
    EXPECT_TRUE(store_->api_keys()->empty());
    const ApiKey key{
        .key_id = "k", .digest = "d", .tenant = "t", .scopes = *Scopes::parse("read"), .name = "n"};
    ASSERT_TRUE(store_->put_api_key(key));
    commit();
    reopen();
    EXPECT_THAT(*store_->api_keys(), ElementsAre(key));
}

TEST_F(JournalStoreTest, RefusesAJournalOfANewerVersion) {
    commit();
    store_.reset();
    JournalFile(file()).execute("PRAGMA user_version = 999");
    const auto opened = JournalStore::open(file(), 1 << 30);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
    EXPECT_THAT(opened.error().message, HasSubstr("999"));
}

TEST_F(JournalStoreTest, RefusesAFileThatIsNoJournal) {
    const std::string other = folder_.write("other", std::string(10'000, 'x'));
    EXPECT_FALSE(JournalStore::open(other, 1 << 30));
    EXPECT_FALSE(JournalStore::open(folder_.path() / "absent" / "journal.sqlite", 1 << 30));
    EXPECT_FALSE(JournalStore::open(folder_.path(), 1 << 30));
}

// A long random walk: whatever the order of events, each move that a post makes is in the table of moves, and
// the counts stay exact.
TEST_F(JournalStoreTest, MakesOnlyMovesOfTheTable) {
    std::mt19937 random(7);  // its numbers are the same everywhere
    const auto below = [&](std::uint32_t end) { return random() % end; };
    struct Known {
        PostState state;
        std::uint32_t revision;
    };
    std::map<std::int64_t, Known> known;
    const auto check_moves = [&] {
        for (std::int64_t seq = 1; seq <= 20; ++seq) {
            const auto found = store_->row(seq);
            ASSERT_TRUE(found);
            if (!found->has_value()) {
                known.erase(seq);
                continue;
            }
            const Known now{(*found)->state, (*found)->revision};
            if (const auto before = known.find(seq); before != known.end()) {
                ASSERT_GE(now.revision, before->second.revision);
                const PostState from = before->second.state;
                // `analysing` is never stored: what leaves `accepted` has been through it.
                ASSERT_TRUE(now.state == from || may_become(from, now.state) ||
                            (from == PostState::accepted && may_become(PostState::analysing, now.state)))
                    << name(from) << " to " << name(now.state);
            }
            known.insert_or_assign(seq, now);
        }
    };
    for (int step = 0; step < 3000; ++step) {
        const std::int64_t seq = 1 + below(20);
        const std::uint32_t revision = known.contains(seq) ? known.at(seq).revision - below(2) : 1;
        switch (below(9)) {
            case 0:
            case 1:
                accept(new_post("p" + std::to_string(seq), "c" + std::to_string(below(3)),
                                static_cast<int>(below(2))),
                       step);
                break;
            case 2:
            case 3:
                ASSERT_TRUE(store_->set_picked(seq, revision, "pick", PostState::picked, step));
                break;
            case 4:
                ASSERT_TRUE(store_->set_dead(seq, revision, "dead", step));
                break;
            case 5:
                ASSERT_TRUE(store_->set_delivered(seq, revision, step));
                break;
            case 6:
                ASSERT_TRUE(store_->retry_dead(seq, step));
                break;
            case 7:
                ASSERT_TRUE(store_->forget_delivered(step - 100, 1));
                break;
            default:
                if (below(2) == 0) {
                    store_->rollback();
                    ASSERT_TRUE(store_->begin());
                    known.clear();  // moved back
                } else {
                    commit();
                }
        }
        ASSERT_NO_FATAL_FAILURE(check_moves()) << "step " << step;
    }
    expect_exact_counts();
}

}  // namespace
}  // namespace bgm