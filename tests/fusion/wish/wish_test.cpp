// Wishes as people write them, and what each states: wishes_*.tsv.
#include "fusion/wish/wish.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "tests/fusion/wish/wish_lines.hpp"

namespace bgm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What must hold in every track, in the words of the table.
std::set<std::string> constraints(const Wish& wish) {
    std::set<std::string> all;
    const auto add = [&](const std::string& key, const std::vector<std::string>& names) {
        for (const std::string& name : names)
            all.insert(key + ":" + name);
    };
    add("genre", wish.genres);
    add("nogenre", wish.avoid_genres);
    add("lang", wish.languages);
    add("nolang", wish.avoid_languages);
    for (const Mood mood : wish.avoid_moods)
        all.insert("avoid:" + std::string(name(mood)));
    const auto range = [&](const std::string& key, std::uint32_t from, std::uint32_t to) {
        if (from == 0 && to == 0) return;
        all.insert(key + ":" + (from == 0 ? "" : std::to_string(from)) + "-" +
                   (to == 0 ? "" : std::to_string(to)));
    };
    range("tempo", wish.min_tempo, wish.max_tempo);
    range("year", wish.from_year, wish.to_year);
    if (wish.tracks != 0) all.insert("tracks:" + std::to_string(wish.tracks));
    if (wish.max_duration_ms != 0) all.insert("seconds:" + std::to_string(wish.max_duration_ms / 1000));
    if (wish.instrumental_only) all.insert("instrumental");
    if (wish.sung_only) all.insert("sung");
    for (const Instrument& one : wish.instruments)
        all.insert("plays:" + one.name);
    if (wish.exclude_explicit) all.insert("clean");
    return all;
}

/// Empty where the wish was read as the table says.
std::string difference(const testing::WishLine& line, const Wish& wish) {
    std::string wrong;
    std::set<std::string> found = constraints(wish);
    // A genre of the table stands for all names by which catalogues call it.
    for (const std::string key : {"genre:", "nogenre:"}) {
        const auto& wished = key == "genre:" ? wish.genres : wish.avoid_genres;
        std::set<std::string> named;
        for (const std::string& stated : line.stated) {
            if (!stated.starts_with(key)) continue;
            const std::string genre = stated.substr(key.size());
            if (std::find(wished.begin(), wished.end(), genre) == wished.end()) wrong += " misses " + stated;
            named.insert(genre);
        }
        if (named.empty() && !wished.empty()) wrong += " adds " + key + wished.front();
    }
    std::erase_if(found, [](const auto& one) { return one.find("genre:") != std::string::npos; });
    for (const std::string& stated : line.stated) {
        const std::string value = stated.substr(std::min(stated.find(':') + 1, stated.size()));
        if (stated.find("genre:") != std::string::npos) continue;
        if (stated.starts_with("mood:")) {
            const auto mood = mood_from_name(value);
            if (!mood || std::find(wish.moods.begin(), wish.moods.end(), *mood) == wish.moods.end())
                wrong += " misses " + stated;
        } else if (stated.starts_with("unmet:")) {
            if (std::none_of(wish.unmet.begin(), wish.unmet.end(),
                             [&](const std::string& why) { return why.find(value) != std::string::npos; }))
                wrong += " misses " + stated;
        } else if (stated.starts_with("hour:")) {
            if (!wish.moment.local_hour || std::to_string(*wish.moment.local_hour) != value)
                wrong += " misses " + stated;
        } else if (stated.starts_with("weather:") || stated.starts_with("place:") ||
                   stated.starts_with("activity:")) {
            const std::string all =
                wish.moment.weather + "|" + wish.moment.place + "|" + wish.moment.activity;
            if (all.find(value) == std::string::npos) wrong += " misses " + stated + " in " + all;
        } else if (found.erase(stated) == 0) {
            wrong += " misses " + stated;
        }
    }
    for (const std::string& extra : found)
        wrong += " adds " + extra;
    const bool moods_stated =
        std::any_of(line.stated.begin(), line.stated.end(),
                    [](const std::string& stated) { return stated.starts_with("mood:"); });
    if (!moods_stated && !wish.moods.empty()) wrong += " adds mood:" + std::string(name(wish.moods.front()));
    const bool unmet_stated =
        std::any_of(line.stated.begin(), line.stated.end(),
                    [](const std::string& stated) { return stated.starts_with("unmet:"); });
    if (!unmet_stated && !wish.unmet.empty()) wrong += " adds unmet:" + wish.unmet.front();
    return wrong;
}

TEST(Wish, IsReadAsItIsMeant) {
    for (const char* const file : {"wishes_en.tsv", "wishes_ko.tsv"}) {
        const auto lines = testing::wish_lines(file);
        EXPECT_GE(lines.size(), 60U);
        for (const testing::WishLine& line : lines)
            EXPECT_EQ(difference(line, read_wish(line.text)), "") << line.text;
    }
}

TEST(Wish, LooksForWhatItNames) {
    const Wish calm = read_wish("잔잔한 노래");
    ASSERT_TRUE(calm.target);
    EXPECT_THAT(calm.moods, ElementsAre(Mood::calm, Mood::beautiful));
    EXPECT_GT(calm.target->mood[static_cast<std::size_t>(Mood::calm)], 0.6);
    EXPECT_LT(calm.target->affect.arousal, -0.3);
    float sum = 0;
    for (const float share : calm.target->mood)
        sum += share;
    EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(Wish, LooksForWhatSuitsTheMomentWhereItNamesNoMood) {
    const Wish run = read_wish("music for running");
    ASSERT_TRUE(run.target);
    EXPECT_THAT(run.moods, IsEmpty());
    EXPECT_GT(run.target->affect.arousal, 0.2);
    const Wish sleep = read_wish("자기 전에 들을 노래");
    ASSERT_TRUE(sleep.target);
    EXPECT_LT(sleep.target->affect.arousal, 0);
    EXPECT_FALSE(read_wish("some music").target);
}

TEST(Wish, WhatIsDeniedIsNoMoodOfIt) {
    const Wish wish = read_wish("dreamy and dark, but not scary");
    EXPECT_THAT(wish.avoid_moods, ElementsAre(Mood::scary));
    EXPECT_EQ(std::find(wish.moods.begin(), wish.moods.end(), Mood::scary), wish.moods.end());
    EXPECT_LT(wish.target->mood[static_cast<std::size_t>(Mood::scary)], 0.01);
}

TEST(Wish, WhatItIsNotForLeavesThePleasantRest) {
    const Wish wish = read_wish("not sad, not calm, no rap");
    EXPECT_FALSE(wish.target);
    const auto left = what_is_left(wish);
    ASSERT_TRUE(left);
    for (const Mood mood : {Mood::sad, Mood::calm, Mood::annoying, Mood::scary, Mood::erotic})
        EXPECT_EQ(left->mood[static_cast<std::size_t>(mood)], 0) << name(mood);
    EXPECT_GT(left->affect.valence, 0.3);
    EXPECT_FALSE(what_is_left(read_wish("some music")));
    EXPECT_FALSE(what_is_left(read_wish("calm, not sad"))) << "it says what it is for";
}

TEST(Wish, DeniesInKoreanWithMayNot) {
    const Wish wish = read_wish("슬픈 노래 안 돼");
    EXPECT_THAT(wish.avoid_moods, Contains(Mood::sad));
    EXPECT_THAT(wish.moods, IsEmpty());
    EXPECT_TRUE(read_wish("신나는 팝송, 야한 건 빼고").exclude_explicit);
    EXPECT_THAT(read_wish("회사에서 힘든 하루였어. 기분 풀리는 음악 좀").moods, Contains(Mood::joyful));
}

TEST(Wish, ReadsDecomposedHangulAndOtherWriting) {
    EXPECT_THAT(read_wish("\u1109\u1173\u11AF\u1111\u1173\u11AB \u1102\u1169\u1105\u1162").moods,
                Contains(Mood::sad));
    EXPECT_THAT(read_wish("CALM, No Vocals!").moods, Contains(Mood::calm));
    EXPECT_TRUE(read_wish("don’t want vocals").instrumental_only);
}

TEST(Wish, SaysNothingOfNothing) {
    for (const std::string text :
         {"", " ", "!!!", "???", "12345678901234567890", "🎵", "않은", "not", "with", "90"}) {
        const Wish wish = read_wish(text);
        EXPECT_THAT(constraints(wish), IsEmpty()) << text;
        EXPECT_FALSE(wish.target) << text;
    }
}

TEST(Wish, OfAnyLengthItEnds) {
    std::string text;
    while (text.size() < 2048)
        text += "not sad or slow 90s rock 말고 ";
    EXPECT_THAT(read_wish(text).avoid_moods, Contains(Mood::sad));
}

}  // namespace
}  // namespace bgm
