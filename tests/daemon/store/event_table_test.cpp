// Events in a real database: in the order of their ids, page by page, each tenant its own, and of a post only
// what is current.
#include "daemon/store/event_table.hpp"

#include <nlohmann/json.hpp>

#include "schemas/codec.hpp"
#include "tests/daemon/store/migrated_database.hpp"

namespace bgm {
namespace {

class EventTableTest : public test::MigratedDatabase {
 protected:
    void SetUp() override {
        test::MigratedDatabase::SetUp();
        for (const char* table : {"picks", "pick_tracks", "dead_posts"})
            execute("DELETE FROM " + std::string(table));
    }
    static v1::Pick pick(const std::string& tenant, const std::string& post_id, std::uint64_t event_id,
                         std::uint32_t revision = 1) {
        v1::Pick pick = test::sample_pick(tenant, post_id, revision, 1'790'000'000 + revision);
        pick.set_event_id(event_id);
        return pick;
    }
    static v1::DeadLetter dead(const std::string& tenant, const std::string& post_id,
                               std::uint64_t event_id) {
        v1::DeadLetter dead = test::sample_dead(tenant, post_id, 1, 1'790'000'001);
        dead.set_event_id(event_id);
        return dead;
    }
    /// "3 a, 7 b", and the newest.
    std::string page(const std::string& tenant, std::uint64_t after, std::size_t limit) {
        const auto page = events_.page(tenant, after, limit);
        if (!page) return page.error().to_string();
        std::string text;
        for (const StoredEvent& event : page->events) {
            text += std::to_string(event.event_id) + " " +
                    (event.pick ? event.pick->post_id() : "dead " + event.dead->post_id()) + ", ";
        }
        return text + "newest " + std::to_string(page->newest);
    }

    EventTable events_{connection_};
};

TEST_F(EventTableTest, GivesPicksAndDeadLettersInOneOrder) {
    ASSERT_TRUE(write({pick("t", "b", 7), pick("t", "a", 3), pick("u", "x", 5), pick("t", "c", 9)},
                      {dead("t", "d", 8), dead("u", "y", 10)}));
    EXPECT_EQ(page("t", 0, 100), "3 a, 7 b, 8 dead d, 9 c, newest 9");
    EXPECT_EQ(page("t", 7, 100), "8 dead d, 9 c, newest 9");
    EXPECT_EQ(page("t", 3, 2), "7 b, 8 dead d, newest 9");
    EXPECT_EQ(page("t", 9, 2), "newest 9");
    EXPECT_EQ(page("t", 0, 0), "newest 9");
    EXPECT_EQ(page("u", 0, 100), "5 x, 10 dead y, newest 10");
    EXPECT_EQ(page("nobody' OR '1'='1", 0, 100), "newest 0");
    EXPECT_EQ(events_.last_id().value(), 10U);
}

TEST_F(EventTableTest, GivesAPickAsItWasWritten) {
    const v1::Pick written = pick("t", "p", 4);
    ASSERT_TRUE(write({written, pick("t", "q", 5)}));
    const auto found = events_.page("t", 0, 100);
    ASSERT_TRUE(found) << found.error().to_string();
    ASSERT_EQ(found->events.size(), 2U);
    // The order of a map's entries is anybody's guess.
    EXPECT_EQ(nlohmann::json::parse(to_json(*found->events[0].pick)),
              nlohmann::json::parse(to_json(*picks_.find("t", "p").value())));
    EXPECT_EQ(found->events[0].pick->event_id(), 4U);
    EXPECT_EQ(found->events[1].pick->tracks_size(), written.tracks_size());
}

TEST_F(EventTableTest, KnowsOfAPostOnlyWhatIsCurrent) {
    ASSERT_TRUE(write({pick("t", "p", 4)}));
    ASSERT_TRUE(write({pick("t", "p", 6, 2)}));
    EXPECT_EQ(page("t", 0, 100), "6 p, newest 6");
    v1::DeadLetter letter = dead("t", "p", 7);
    letter.set_revision(3);
    ASSERT_TRUE(write({}, {letter}));
    EXPECT_EQ(page("t", 0, 100), "7 dead p, newest 7");
}

TEST_F(EventTableTest, LeavesOutWhatIsOlderThanTheIds) {
    ASSERT_TRUE(write({pick("t", "p", 0)}));
    EXPECT_EQ(page("t", 0, 100), "newest 0");
}

}  // namespace
}  // namespace bgm
