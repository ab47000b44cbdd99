// What a listener had is told by places in the catalogue that serves him now, once each, for as long as it
// counts: whatever is read again, reloaded or picked anew meanwhile.
#include "daemon/pipeline/had_tracks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kDay = 86'400'000;

Catalogue catalogue_of(const std::vector<std::string>& ids) {
    std::vector<Track> tracks(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        tracks[i].track_id = ids[i];
        tracks[i].moods[0] = 1;
    }
    return *Catalogue::build(std::move(tracks));
}

HadTracks::Recent stored(std::vector<RecentTrack> rows) {
    return std::make_shared<const std::vector<RecentTrack>>(std::move(rows));
}

RecentTrack row(const std::string& track, std::string_view post, std::int64_t at_ms) {
    return {.track_id = track, .post_key = stable_hash(post), .at_ms = at_ms};
}

v1::Pick pick(const std::string& post, const std::vector<std::string>& tracks) {
    v1::Pick pick;
    pick.set_post_id(post);
    for (const std::string& track : tracks)
        pick.add_tracks()->set_track_id(track);
    return pick;
}

class HadTracksTest : public ::testing::Test {
 protected:
    std::vector<std::string> told(const Catalogue& catalogue, const HadTracks::Recent& recent,
                                  std::string_view post = "now", std::int64_t since_ms = 0) {
        std::vector<std::string> ids;
        for (const std::uint32_t index : had_.not_again(catalogue, recent, post, since_ms))
            ids.emplace_back(catalogue.track_id(index));
        return ids;
    }

    const Catalogue catalogue_ = catalogue_of({"a", "b", "c", "d", "e", "f"});
    HadTracks had_;
};

TEST_F(HadTracksTest, TellsStoredAndPickedOnceEach) {
    const auto recent =
        stored({row("d", "p1", 1), row("a", "p1", 1), row("a", "p1", 2), row("gone", "p1", 1)});
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("a", "d"));
    had_.add(catalogue_, pick("p2", {"c", "a"}), 3);
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("a", "c", "d"));
    EXPECT_THAT(told(catalogue_, nullptr), ElementsAre("a", "c")) << "MySQL's part is as it says now";
}

TEST_F(HadTracksTest, WhatIsPastDoesNotCount) {
    const auto recent = stored({row("a", "p1", kDay), row("b", "p1", kDay + 1)});
    had_.add(catalogue_, pick("p2", {"c"}), kDay);
    had_.add(catalogue_, pick("p3", {"d"}), kDay + 1);
    EXPECT_THAT(told(catalogue_, recent, "now", kDay), ElementsAre("b", "d"));
    EXPECT_THAT(told(catalogue_, recent, "now", kDay + 1), IsEmpty());
}

// Idea: another revision may have what its post had before, and leaves to others what it has no more.
TEST_F(HadTracksTest, ARevisionTakesItsOwnPlace) {
    const auto recent = stored({row("a", "p1", 1), row("b", "p2", 1), row("a", "p3", 1)});
    EXPECT_THAT(told(catalogue_, recent, "p2"), ElementsAre("a"));
    EXPECT_THAT(told(catalogue_, recent, "p1"), ElementsAre("a", "b")) << "p3 had it, too";
    had_.add(catalogue_, pick("p4", {"c", "d"}), 2);
    EXPECT_THAT(told(catalogue_, recent, "p4"), ElementsAre("a", "b"));
    had_.add(catalogue_, pick("p4", {"d"}), 3);
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("a", "b", "d"));
}

TEST_F(HadTracksTest, WhatIsReadAgainIsKeptOnce) {
    had_.add(catalogue_, pick("p1", {"a", "b"}), 10);
    had_.add(catalogue_, pick("p2", {"c"}), 20);
    EXPECT_THAT(told(catalogue_, nullptr), ElementsAre("a", "b", "c"));
    const auto recent = stored({row("a", "p1", 11), row("b", "p1", 11)});
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("a", "b", "c"));
    EXPECT_EQ(had_.kept(), 3U);
    // The post is erased in MySQL: it goes here, too, but for what MySQL has never told of.
    EXPECT_THAT(told(catalogue_, stored({})), ElementsAre("c"));
    // An older revision of what was picked since then says nothing of that.
    had_.add(catalogue_, pick("p1", {"a"}), 30);
    EXPECT_THAT(told(catalogue_, recent, "now", 20), ElementsAre("a"));
}

// Idea: the places are of one catalogue. A reloaded one, and one of the tenant's own, have others; what is
// missing in one may be in the next.
TEST_F(HadTracksTest, FollowsTheCatalogue) {
    const auto recent = stored({row("e", "p1", 1), row("new", "p1", 1)});
    had_.add(catalogue_, pick("p2", {"b", "f"}), 2);
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("b", "e", "f"));
    const Catalogue reloaded = catalogue_of({"A", "AA", "b", "e", "new"});
    EXPECT_THAT(told(reloaded, recent), ElementsAre("b", "e", "new"));
    EXPECT_THAT(told(catalogue_of({}), recent), IsEmpty());
    EXPECT_THAT(told(catalogue_, recent), ElementsAre("b", "e", "f"));
    EXPECT_THAT(told(catalogue_of({"f", "e", "d", "c", "b", "a"}), recent), ElementsAre("b", "e", "f"));
}

TEST_F(HadTracksTest, KeepsNoMoreThanTheNewest) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 2 * kRecentTracksMax; ++i)
        ids.push_back("t" + std::to_string(10'000 + i));
    const Catalogue many = catalogue_of(ids);
    static_cast<void>(told(many, nullptr));
    for (std::size_t i = 0; i < ids.size(); ++i)
        had_.add(many, pick("p" + std::to_string(i), {ids[i]}), static_cast<std::int64_t>(i));
    EXPECT_EQ(told(many, nullptr, "now", -1),
              std::vector(ids.end() - static_cast<std::ptrdiff_t>(kRecentTracksMax), ids.end()));
    EXPECT_EQ(had_.kept(), kRecentTracksMax);
}

}  // namespace
}  // namespace bgm
