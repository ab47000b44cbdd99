// The moment of a post as evidence: it leans the way that people say, by a little, shows its share like any
// other, and never overrules a post that is clear.
#include "fusion/context/moment.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

#include "fusion/context/moment_table.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/words/said_words.hpp"

namespace bgm {
namespace {

Evidence said(Mood mood, float share, float precision = 1) {
    Evidence evidence;
    evidence.affect = affect(mood);
    evidence.precision = precision;
    evidence.mood.fill((1 - share) / (kMoodCount - 1));
    evidence.mood[static_cast<std::size_t>(mood)] = share;
    return evidence;
}

struct Situation {
    std::string line;
    char valence = '.', arousal = '.';
    Moment moment;
};

std::vector<Situation> situations(const std::string& file) {
    std::vector<Situation> all;
    std::ifstream lines(std::string(BGM_SOURCE_DIR) + "/tests/fusion/context/" + file);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) continue;
        std::vector<std::string> columns;
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, '\t');)
            columns.push_back(cell);
        columns.resize(7);
        Situation one{.line = line, .valence = columns[0][0], .arousal = columns[1][0], .moment = {}};
        if (columns[2] != ".") one.moment.local_hour = std::stoul(columns[2]);
        if (columns[3] != ".") one.moment.weekday = std::stoul(columns[3]);
        one.moment.weather = columns[4];
        one.moment.place = columns[5];
        one.moment.activity = columns[6];
        all.push_back(one);
    }
    return all;
}

/// Mean of the moods' places, as the matcher sees the moods.
Affect mean_place(const MoodDistribution& moods) {
    Affect mean;
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        mean.valence += moods[k] * affect(static_cast<Mood>(k)).valence;
        mean.arousal += moods[k] * affect(static_cast<Mood>(k)).arousal;
    }
    return mean;
}

bool leans(float by, char way) {
    return way == '+' ? by > 0 : by < 0;
}

TEST(Moment, LeansTheWayThatPeopleSay) {
    for (const char* const file : {"moments_en.tsv", "moments_ko.tsv"}) {
        int right = 0, asked = 0;
        std::string wrong;
        const auto all = situations(file);
        EXPECT_GE(all.size(), 60U);
        for (const Situation& one : all) {
            std::vector<Evidence> evidence{said(Mood::dreamy, 0.3F)};
            const FusedMood before = fuse(evidence);
            const auto reading = read_moment(one.moment);
            if (reading) evidence.push_back(reading->evidence);
            const FusedMood after = fuse(evidence);
            const Affect moods_before = mean_place(before.moods), moods_after = mean_place(after.moods);
            const auto count = [&](char way, float of_affect, float of_moods) {
                if (way == '.') return;
                ++asked;
                if (leans(of_affect, way) && leans(of_moods, way)) {
                    ++right;
                } else {
                    wrong +=
                        "\n  " + one.line + " (" + (reading ? reading->summary : "nothing understood") + ")";
                }
            };
            count(one.valence, after.affect.valence - before.affect.valence,
                  moods_after.valence - moods_before.valence);
            count(one.arousal, after.affect.arousal - before.affect.arousal,
                  moods_after.arousal - moods_before.arousal);
        }
        std::cout << file << ": " << right << " of " << asked << " signs right in " << all.size()
                  << " situations\n";
        EXPECT_GE(right, 0.9 * asked) << file << wrong;
    }
}

TEST(Moment, NeverOutweighsAClearPost) {
    for (const char* const file : {"moments_en.tsv", "moments_ko.tsv"}) {
        for (const Situation& one : situations(file)) {
            const auto reading = read_moment(one.moment);
            if (!reading) continue;
            for (std::size_t k = 0; k < kMoodCount; ++k) {
                // A fifth of all, from a text, and half of all from a photo, is clear.
                for (const Evidence& post :
                     {said(static_cast<Mood>(k), 0.2F), said(static_cast<Mood>(k), 0.5F, 0.35F)}) {
                    const FusedMood alone = fuse(std::vector{post});
                    const FusedMood both = fuse(std::vector{post, reading->evidence});
                    EXPECT_EQ(both.top, alone.top) << one.line;
                    EXPECT_EQ(both.ambiguous, alone.ambiguous) << one.line;
                    EXPECT_NEAR(both.affect.valence, alone.affect.valence, 0.26) << one.line;
                    EXPECT_NEAR(both.affect.arousal, alone.affect.arousal, 0.26) << one.line;
                }
            }
        }
    }
}

// Idea: the bound that the header states, over every mix of effects.
TEST(Moment, MovesTheOddsByNoMoreThanItSays) {
    for (const MomentEffect& a : moment_effects()) {
        for (const MomentEffect& b : moment_effects()) {
            const auto name = [](const MomentEffect& effect) {
                return utf8(split_at(effect.words, U'|').front());
            };
            const auto reading =
                read_moment({.local_hour = 23, .weather = name(a), .place = name(b), .activity = name(b)});
            ASSERT_TRUE(reading);
            for (std::size_t i = 0; i < kMoodCount; ++i) {
                for (std::size_t j = 0; j < kMoodCount; ++j) {
                    EXPECT_LE(
                        kMomentPrecision * std::log(reading->evidence.mood[i] / reading->evidence.mood[j]),
                        std::log(1.4));
                }
            }
        }
    }
}

TEST(Moment, ShowsItsShareAndWhatItUnderstood) {
    const auto reading =
        read_moment({.local_hour = 18, .weather = "clear", .place = "beach", .activity = "walk"});
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->summary, "in the evening, sunshine, by the sea, a walk");
    const FusedMood fused = fuse(std::vector{said(Mood::joyful, 0.4F), reading->evidence});
    EXPECT_TRUE(fused.present[static_cast<std::size_t>(Modality::context)]);
    const float share = fused.contributions[static_cast<std::size_t>(Modality::context)];
    EXPECT_GT(share, 0);
    EXPECT_LT(share, 0.2);
    EXPECT_NEAR(share + fused.contributions[0], 1, 1e-6);
}

TEST(Moment, SaysNothingOfWhatItDoesNotKnow) {
    EXPECT_FALSE(read_moment({}));
    EXPECT_FALSE(read_moment({.local_hour = 12}));
    EXPECT_FALSE(read_moment({.weekday = 2}));
    EXPECT_FALSE(read_moment({.place = "비빔밥", .activity = "xyzzy"}));
}

TEST(Moment, LeavesOutWhatIsDenied) {
    for (const char* const label :
         {"not raining", "no rain", "no more rain", "without rain", "the rain stopped", "비 안 옴",
          "비가 안 와요", "비 오지 않음", "비 아님", "비 없음", "비 그침", "비 그친 오후"}) {
        const auto reading = read_moment({.weather = label});
        EXPECT_FALSE(reading) << label << ": " << reading->summary;
    }
    EXPECT_FALSE(read_moment({.place = "not at home"}));
    EXPECT_FALSE(read_moment({.place = "집 아님"}));
    const auto summary = [](const Moment& moment) {
        const auto reading = read_moment(moment);
        return reading ? reading->summary : "nothing";
    };
    EXPECT_EQ(summary({.weather = "no rain, sunny"}), "sunshine");
    EXPECT_EQ(summary({.weather = "비 안 오고, 맑음"}), "sunshine");
    EXPECT_EQ(summary({.weather = "rain, no wind"}), "rain");
    EXPECT_EQ(summary({.weather = "안개"}), "fog") << "안 is a word of its own";
    EXPECT_EQ(summary({.activity = "잠 안 옴"}), summary({.activity = "insomnia"}));
}

TEST(Moment, IsNoPostOfItsOwn) {
    const auto reading = read_moment({.weather = "rain"});
    const FusedMood alone = fuse(std::vector{reading->evidence});
    const FusedMood nothing = fuse({});
    EXPECT_EQ(alone.moods, nothing.moods);
    EXPECT_EQ(alone.confidence, 0);
    EXPECT_FALSE(alone.present[static_cast<std::size_t>(Modality::context)]);
    // And it makes no weak post certain, nor a plain one felt.
    Evidence weak = said(Mood::joyful, 0.6F, 0.1F);
    EXPECT_EQ(fuse(std::vector{weak, reading->evidence}).ambiguous, fuse(std::vector{weak}).ambiguous);
    Evidence plain = said(Mood::joyful, 0.6F);
    plain.felt = 0.1F;
    EXPECT_TRUE(fuse(std::vector{plain, reading->evidence}).plain);
}

TEST(Moment, KnowsTheDayWhereThePostWasMade) {
    constexpr std::int64_t kMonday_12_utc = 1'700'481'600;  // 2023-11-20 12:00
    EXPECT_EQ(local_weekday(kMonday_12_utc, 12), 0U);
    EXPECT_EQ(local_weekday(kMonday_12_utc, 21), 0U) << "Seoul";
    EXPECT_EQ(local_weekday(kMonday_12_utc + 4 * 3600, 1), 1U) << "Seoul, after midnight";
    EXPECT_EQ(local_weekday(kMonday_12_utc - 9 * 3600, 19), 6U) << "San Francisco, the evening before";
    EXPECT_EQ(local_weekday(kMonday_12_utc, 0), 1U) << "Auckland";
    EXPECT_EQ(local_weekday(-1, 23), 2U) << "before 1970";
}

}  // namespace
}  // namespace bgm
