// What is learnt of a listener: it fades, does not mind the order, stays within its bounds, and survives
// being written down; bytes that are none are refused.
#include "fusion/taste/taste.hpp"

#include <gtest/gtest.h>

#include "fusion/taste/taste_bytes.hpp"
#include "tests/fusion/taste/listeners.hpp"

namespace bgm {
namespace {

using namespace testing;

TEST(Taste, HalfOfItIsLeftAfterAHalfLife) {
    const Catalogue catalogue = world(300);
    Taste taste;
    taste.learn(Reaction::liked, kSomeDayMs, reacted_track(catalogue, 0));
    EXPECT_EQ(taste.all.weight, 1);
    taste.learn(Reaction::skipped, kSomeDayMs + kTasteHalfLifeMs, reacted_track(catalogue, 1));
    EXPECT_NEAR(taste.all.weight, 1.5, 1e-6);
    EXPECT_NEAR(taste.all.value, 0.5 * 1 - 0.5, 1e-6);

    const std::uint32_t liked = 0;
    Taste fading;
    for (int i = 0; i < 5; ++i)
        fading.learn(Reaction::liked, kSomeDayMs, reacted_track(catalogue, liked));
    fading.learn(Reaction::skipped, kSomeDayMs, reacted_track(catalogue, 150));
    float before = 1;
    for (int months = 0; months < 12; ++months) {
        const TasteScores scores(fading, kSomeDayMs + months * kTasteHalfLifeMs, catalogue);
        EXPECT_LT(scores.match(liked), before);
        EXPECT_GT(scores.match(liked), 0.5F);
        before = scores.match(liked);
    }
    EXPECT_NEAR(before, 0.5, 0.01);
}

TEST(Taste, TheOrderInWhichReactionsComeDoesNotMatter) {
    const Catalogue catalogue = world(900);
    RandomCases random(1);
    struct Event {
        Reaction reaction;
        std::int64_t at_ms;
        std::uint32_t track;
    };
    std::vector<Event> events;
    for (int i = 0; i < 60; ++i)
        events.push_back({static_cast<Reaction>(random.below(4)),
                          kSomeDayMs + static_cast<std::int64_t>(random.below(90)) * kDayMs,
                          static_cast<std::uint32_t>(random.below(40))});
    const auto learn = [&](const std::vector<Event>& list) {
        Taste taste;
        for (const Event& one : list)
            EXPECT_TRUE(taste.learn(one.reaction, one.at_ms, reacted_track(catalogue, one.track)));
        return taste;
    };
    const Taste late = learn(events);
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at_ms < b.at_ms; });
    const Taste in_order = learn(events);
    const std::int64_t now_ms = in_order.at_ms + kDayMs;
    const TasteScores first(late, now_ms, catalogue);
    const TasteScores second(in_order, now_ms, catalogue);
    for (std::uint32_t i = 0; i < catalogue.size(); ++i)
        EXPECT_NEAR(first.match(i), second.match(i), 1e-3);
}

TEST(Taste, AFloodWeighsNoMoreThanADay) {
    const Catalogue catalogue = world(300);
    Taste taste;
    std::uint32_t counted = 0;
    for (std::uint32_t i = 0; i < 3 * kReactionsADay; ++i)
        counted += taste.learn(Reaction::liked, kSomeDayMs + i, reacted_track(catalogue, i % 300)) ? 1 : 0;
    EXPECT_EQ(counted, kReactionsADay);
    EXPECT_FALSE(taste.learn(Reaction::liked, kSomeDayMs - kDayMs, reacted_track(catalogue, 0)));
    EXPECT_TRUE(taste.learn(Reaction::liked, kSomeDayMs + kDayMs, reacted_track(catalogue, 0)));
    EXPECT_LE(taste.artists.size(), kTasteArtistsMax);
    EXPECT_LE(taste.genres.size(), kTasteGenresMax);
    EXPECT_LE(taste_bytes(taste).size(), 16'000U);
}

TEST(Taste, BytesReadBackAsTheyWere) {
    const Catalogue catalogue = world(900);
    Person person(catalogue, Liking::sound, 2);
    for (int post = 0; post < 30; ++post)
        person.react(match(catalogue, person.feel(), person.request(true)));
    const std::string bytes = taste_bytes(person.taste());
    const auto read = taste_from_bytes(bytes);
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(taste_bytes(*read), bytes);
    EXPECT_EQ(read->sound_model, "ear");
    EXPECT_TRUE(taste_from_bytes(taste_bytes(Taste())));
}

TEST(Taste, BytesThatAreNoneAreRefused) {
    const Catalogue catalogue = world(300);
    Taste taste;
    for (std::uint32_t i = 0; i < 50; ++i)
        taste.learn(Reaction::liked, kSomeDayMs, reacted_track(catalogue, i));
    const std::string bytes = taste_bytes(taste);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(taste_from_bytes(bytes.substr(0, size))) << size;
    EXPECT_FALSE(taste_from_bytes(bytes + "x"));
    std::string other = bytes;
    other[0] = 2;
    EXPECT_EQ(taste_from_bytes(other).error().code, ErrorCode::unsupported);
    RandomCases random(5);
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = bytes;
        damaged[random.below(damaged.size())] = static_cast<char>(random.bits());
        const auto read = taste_from_bytes(damaged);
        if (!read) continue;
        // Whatever is taken for a taste can be used as one.
        const TasteScores scores(*read, kSomeDayMs, catalogue);
        for (const std::uint32_t track : {0U, 150U}) {
            EXPECT_GE(scores.match(track), 0);
            EXPECT_LE(scores.match(track), 1);
        }
    }
}

}  // namespace
}  // namespace bgm
