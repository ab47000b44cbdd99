// Dead letters in MySQL: found page by page, dropped for good, and after a retry removed only where nothing
// has come of it yet. What somebody else wrote into the table harms nobody.
#include "daemon/store/dead_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "daemon/store/erasure.hpp"
#include "daemon/store/retry_id.hpp"
#include "schemas/codec.hpp"
#include "tests/daemon/store/messages.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

using test::dead_of;
using test::joined;
using test::message_id;
using test::origin;
using test::pick_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names(const std::vector<v1::DeadLetter>& letters) {
    std::vector<std::string> names;
    for (const v1::DeadLetter& letter : letters)
        names.push_back(letter.post_id());
    return names;
}

class DeadTableTest : public test::MigratedDatabase {
 protected:
    void TearDown() override {
        for (const char* table : {"picks", "pick_tracks", "dead_posts", "erased_messages"})
            execute("DELETE FROM " + std::string(table));
    }
    static v1::DeadLetter letter(const std::string& post_id, std::uint64_t event_id, const v1::Origin& from,
                                 const std::string& tenant = "t") {
        v1::DeadLetter dead = dead_of(tenant, post_id, from);
        dead.set_event_id(event_id);
        dead.mutable_post()->set_tenant(tenant);
        return dead;
    }
    void died(const std::string& post_id, std::uint64_t event_id, const std::string& tenant = "t") {
        ASSERT_TRUE(write({}, {letter(post_id, event_id, origin({message_id(event_id)}, post_id), tenant)}));
    }
    StoredDead found(const std::string& post_id) {
        auto stored = dead_.find("t", post_id);
        EXPECT_TRUE(stored && *stored) << post_id;
        return stored && *stored ? **stored : StoredDead{};
    }
    /// All pages, one after the other.
    std::vector<std::vector<std::string>> pages(const std::string& tenant, std::size_t limit) {
        std::vector<std::vector<std::string>> all;
        std::optional<std::uint64_t> after;
        do {
            const auto page = dead_.page(tenant, after, limit);
            EXPECT_TRUE(page) << page.error().to_string();
            if (!page) break;
            all.push_back(names(page->letters));
            after = page->next;
        } while (after && all.size() < 20);
        return all;
    }
    bool written(const v1::Pick& pick) {
        const v1::Pick* one = &pick;
        const auto effects = picks_.write({&one, 1}, {});
        EXPECT_TRUE(effects) << effects.error().to_string();
        return effects && effects->picks.at(0).written;
    }

    int count_of_picks() { return count("picks", "t"); }

    DeadTable dead_{connection_};
};

TEST_F(DeadTableTest, GivesPagesByEventId) {
    for (std::uint64_t id = 1; id <= 5; ++id)
        died("p" + std::to_string(id), 10 * id, id == 3 ? "other" : "t");
    EXPECT_THAT(pages("t", 2), ElementsAre(ElementsAre("p1", "p2"), ElementsAre("p4", "p5")));
    EXPECT_THAT(pages("", 2),
                ElementsAre(ElementsAre("p1", "p2"), ElementsAre("p3", "p4"), ElementsAre("p5")));
    EXPECT_THAT(pages("nobody", 2), ElementsAre(IsEmpty()));
    EXPECT_THAT(pages("t", 0), ElementsAre(IsEmpty()));
    const auto page = dead_.page("t", 20, 1);
    ASSERT_TRUE(page);
    EXPECT_THAT(names(page->letters), ElementsAre("p4"));
    EXPECT_EQ(page->next, 40U);
    EXPECT_EQ(page->letters.front().code(), "corrupt");
    EXPECT_FALSE(page->letters.front().has_post());
}

// Of two hosts, or from before there were ids.
TEST_F(DeadTableTest, TearsLettersOfOneIdNotApart) {
    for (const char* post_id : {"a", "b", "c"})
        died(post_id, 7);
    for (const char* post_id : {"x", "y", "z"})
        ASSERT_TRUE(write({}, {letter(post_id, 0, origin({message_id(1)}, post_id))}));
    died("d", 8);
    EXPECT_THAT(pages("t", 2),
                ElementsAre(ElementsAre("x", "y", "z"), ElementsAre("a", "b", "c"), ElementsAre("d")));
    EXPECT_THAT(pages("t", 4), ElementsAre(ElementsAre("x", "y", "z"), ElementsAre("a", "b", "c", "d")));
}

TEST_F(DeadTableTest, FindsALetterWithItsPostAndWhatWentIntoIt) {
    died("p", 5);
    const StoredDead stored = found("p");
    EXPECT_EQ(stored.letter.post().text(), test::kAwkward);
    EXPECT_EQ(stored.letter.event_id(), 5U);
    EXPECT_EQ(stored.content_hash, origin({message_id(5)}, "p").content_hash());
    EXPECT_EQ(stored.messages, message_id(5));
    const auto other = dead_.find("t", "P");
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other);
}

TEST_F(DeadTableTest, WhatIsDroppedDoesNotComeBackWithItsMessages) {
    const auto from = origin({message_id(1), message_id(2)}, "A");
    ASSERT_TRUE(write({}, {letter("p", 1, from), letter("q", 2, origin({message_id(3)}, "B"))}));
    const v1::DeadLetter dropped = found("p").letter;
    const std::string retry = found("p").retry_id();
    auto count = dead_.drop({&dropped, 1});
    ASSERT_TRUE(count) << count.error().to_string();
    EXPECT_EQ(*count, 1U);
    count = dead_.drop({&dropped, 1});
    ASSERT_TRUE(count);
    EXPECT_EQ(*count, 0U);
    EXPECT_THAT(pages("t", 9), ElementsAre(ElementsAre("q")));
    // Its host was lost before it had settled them; a retry was on its way.
    EXPECT_FALSE(written(pick_of("t", "p", from)));
    EXPECT_FALSE(written(pick_of("t", "p", origin({retry}, "A", true))));
    EXPECT_EQ(count_of_picks(), 0);
    EXPECT_TRUE(written(pick_of("t", "p", origin({message_id(4)}, "A")))) << "posted again";
}

TEST_F(DeadTableTest, ALetterThatIsRetriedGoesOnceAndItsAnswerTakesItsPlace) {
    ASSERT_TRUE(write({}, {letter("p", 1, origin({message_id(1), message_id(2)}, "A"))}));
    const StoredDead stored = found("p");
    ASSERT_EQ(stored.letter.revision(), 2U);
    ASSERT_TRUE(dead_.remove_retried({&stored, 1}));
    EXPECT_EQ(count("dead_posts", "t"), 0);
    auto answer = origin({stored.retry_id()}, "A", true);
    answer.set_retried_revision(stored.letter.revision());
    EXPECT_TRUE(written(pick_of("t", "p", answer)));
    EXPECT_FALSE(written(pick_of("t", "p", answer)));
    EXPECT_EQ((*picks_.find("t", "p"))->revision(), 2U) << "it is the same post";
    ASSERT_TRUE(dead_.remove_retried({&stored, 1}));
    EXPECT_EQ(count_of_picks(), 1);
}

// The host that the retry fell to was faster.
TEST_F(DeadTableTest, ALetterThatDiedOnceMoreStays) {
    ASSERT_TRUE(write({}, {letter("p", 1, origin({message_id(1)}, "A"))}));
    const StoredDead stored = found("p");
    auto answer = origin({stored.retry_id()}, "A", true);
    answer.set_retried_revision(1);
    ASSERT_TRUE(write({}, {letter("p", 2, answer)}));
    ASSERT_TRUE(dead_.remove_retried({&stored, 1}));
    EXPECT_EQ(found("p").letter.event_id(), 2U);
    EXPECT_EQ(found("p").letter.revision(), 1U);
    EXPECT_NE(found("p").retry_id(), stored.retry_id());
}

// The same content was sent once more after the operator had looked: the retry is older, and is passed over.
TEST_F(DeadTableTest, ALetterWhoseRetryWasPassedOverStays) {
    ASSERT_TRUE(write({}, {letter("p", 1, origin({message_id(1)}, "A"))}));
    const StoredDead stored = found("p");
    EXPECT_FALSE(written(pick_of("t", "p", origin({message_id(50)}, "A"))));
    EXPECT_FALSE(written(pick_of("t", "p", origin({stored.retry_id()}, "A", true))));
    ASSERT_TRUE(dead_.remove_retried({&stored, 1}));
    EXPECT_EQ(count("dead_posts", "t"), 1);
    EXPECT_TRUE(written(pick_of("t", "p", origin({found("p").retry_id()}, "A", true))));
}

TEST_F(DeadTableTest, WhatWasPostedLaterIsNotReplacedByARetry) {
    ASSERT_TRUE(write({}, {letter("p", 1, origin({message_id(1)}, "A"))}));
    const std::string retry = found("p").retry_id();
    EXPECT_TRUE(written(pick_of("t", "p", origin({message_id(9)}, "B"))));
    EXPECT_FALSE(written(pick_of("t", "p", origin({retry}, "A", true))));
}

TEST_F(DeadTableTest, AnErasureTakesARetryThatIsOnItsWay) {
    ASSERT_TRUE(write({}, {letter("p", 1, origin({message_id(1)}, "A"))}));
    const std::string retry = found("p").retry_id();
    ASSERT_TRUE(erase_rows(connection_, {.tenant = "t", .post_id = "p"}));
    EXPECT_FALSE(written(pick_of("t", "p", origin({retry}, "A", true))));
}

// Written by hand, by another program, or by whoever has broken into the database.
TEST_F(DeadTableTest, ReadsRowsOfAnyKind) {
    const std::string deep = "REPEAT('{\"a\":', 5000), '1', REPEAT('}', 5000)";
    const std::vector<std::pair<std::string, std::string>> posts{
        {"array", "'[1, 2]'"},
        {"text", "'\"post\"'"},
        {"null", "'null'"},
        {"empty", "'{}'"},
        {"unknown field", "'{\"post_id\": \"unknown field\", \"nothing\": 1}'"},
        {"wrong kind", "'{\"post_id\": 7, \"assets\": \"many\"}'"},
        {"deep", "CONCAT(" + deep + ")"},
        {"large", "CONCAT('{\"post_id\": \"large\", \"text\": \"', REPEAT('x', 5000000), '\"}')"},
        {"frames",
         "'{\"post_id\": \"frames\", \"assets\": [{\"kind\": \"IMAGE\", \"frame\": 4294967295}]}'"}};
    execute("SET SESSION sql_mode = '', check_constraint_checks = 0");
    for (const auto& [post_id, json] : posts)
        execute(
            "INSERT INTO dead_posts (tenant, post_id, revision, stage, code, message, attempts, post, "
            "died_at,"
            " event_id, content_hash, messages) VALUES ('t', '" +
            post_id + "', 4294967295, '\\r\\n\\0', 'no code', REPEAT('뭐', 2048), 4294967295, " + json +
            ", '0000-00-00', 18446744073709551615, x'01', x'ffffffffffffffffffffffffffffffffff')");
    execute(
        "INSERT INTO dead_posts (tenant, post_id, revision, stage, code, post, died_at, messages)"
        " VALUES ('t', 'no json', 0, '', '', 'no json {', '9999-12-31 23:59:59', x'')");
    execute("SET SESSION check_constraint_checks = 1");
    const auto page = dead_.page("", {}, 100);
    ASSERT_TRUE(page) << page.error().to_string();
    EXPECT_EQ(page->letters.size(), posts.size() + 1);
    for (const v1::DeadLetter& letter : page->letters) {
        SCOPED_TRACE(letter.post_id());
        EXPECT_NE(to_json(letter), "");
        const StoredDead stored = found(letter.post_id());
        EXPECT_NE(to_json(stored.letter), "");
        EXPECT_EQ(stored.letter.has_post(), letter.post_id() == "frames");
        EXPECT_EQ(stored.retry_id().size(), kMessageIdBytes);
    }
    const auto dropped = dead_.drop(page->letters);
    ASSERT_TRUE(dropped) << dropped.error().to_string();
    EXPECT_EQ(*dropped, posts.size() + 1);
    EXPECT_EQ(count("dead_posts", "t"), 0);
}

TEST(RetryId, IsOfOneRowTheSameAndRightBehindItsLastMessage) {
    const std::string last = message_id(0x1ff, test::Line::backfill, "somebody");
    const std::string id = retry_id({"t", "p"}, 7, joined({message_id(1), last}));
    ASSERT_EQ(id.size(), kMessageIdBytes);
    EXPECT_EQ(id, retry_id({"t", "p"}, 7, last));
    EXPECT_EQ(stamp_of(id), stamp_of(message_id(0x200)));
    EXPECT_EQ(line_of(id), line_of(last));
    EXPECT_TRUE(is_retry(id));
    EXPECT_FALSE(is_retry(last));
    EXPECT_NE(id, retry_id({"t", "p"}, 8, last)) << "it died once more";
    EXPECT_NE(id, retry_id({"t", "q"}, 7, last));
    EXPECT_NE(id, retry_id({"s", "p"}, 7, last));
    EXPECT_EQ(sent_ms_of(message_id(1'234'567)), 1'234);
}

TEST(RetryId, IsOlderThanEverythingWhereTheRowNamesNoMessage) {
    for (const std::string messages : {"", "odd", "seventeen bytes .."}) {
        const std::string id = retry_id({"t", "p"}, 7, messages);
        ASSERT_EQ(id.size(), kMessageIdBytes);
        EXPECT_EQ(stamp_of(id), std::string(8, '\0'));
        EXPECT_EQ(line_of(id), 0);
        EXPECT_NE(id, retry_id({"t", "q"}, 7, messages));
    }
}

}  // namespace
}  // namespace bgm
