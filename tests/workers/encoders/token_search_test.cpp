// The search over tokens, with a language model that is a table: what follows depends on the last token
// alone.
#include "workers/encoders/token_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace bgm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Tokens = std::vector<std::int64_t>;

constexpr std::int64_t kPad = 0;
constexpr std::int64_t kEnd = 1;
constexpr std::size_t kVocabulary = 8;

// The probabilities of what follows a token; what is not listed shares what is left of 1.
using Table = std::map<std::int64_t, std::map<std::int64_t, double>>;

class TableScorer : public NextTokenScorer {
 public:
    explicit TableScorer(Table table) : table_(std::move(table)) {}

    std::size_t vocabulary() const override { return kVocabulary; }
    std::span<const float> start(std::span<const Tokens> prompts) override {
        last_.clear();
        for (const Tokens& prompt : prompts)
            last_.push_back(prompt.back());
        return scores();
    }
    std::span<const float> advance(std::span<const std::size_t> parents,
                                   std::span<const std::int64_t> tokens) override {
        for (const std::size_t parent : parents)
            EXPECT_LT(parent, last_.size());
        last_.assign(tokens.begin(), tokens.end());
        rows_seen.push_back(tokens.size());
        return scores();
    }

    std::vector<std::size_t> rows_seen;  // rows of each step after the first

 private:
    std::span<const float> scores() {
        scores_.clear();
        for (const std::int64_t token : last_) {
            const auto& next = table_[token];
            double left = 1;
            for (const auto& [_, probability] : next)
                left -= probability;
            std::vector<float> row(kVocabulary, 0.0F);
            for (std::size_t i = 0; i < kVocabulary; ++i) {
                const auto found = next.find(static_cast<std::int64_t>(i));
                const double probability = found != next.end()
                                               ? found->second
                                               : left / static_cast<double>(kVocabulary - next.size());
                // Logits are log-probabilities but for a constant, which must not matter.
                row[i] = static_cast<float>(std::log(probability) + 3 + static_cast<double>(token));
            }
            scores_.insert(scores_.end(), row.begin(), row.end());
        }
        return scores_;
    }

    Table table_;
    Tokens last_;
    std::vector<float> scores_;
};

TokenSearch search_with(std::size_t beams) {
    TokenSearch search;
    search.beams = beams;
    search.length_max = 6;
    search.end_id = kEnd;
    search.pad_id = kPad;
    return search;
}

std::vector<Tokens> found(NextTokenScorer& scorer, const std::vector<Tokens>& prompts,
                          const TokenSearch& search) {
    auto result = search_tokens(scorer, prompts, search);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_string());
    return result.ok() ? *result : std::vector<Tokens>{};
}

// 2 leads to 3 (likelier at once, then everything is unlikely) or to 4 (then 5 and the end are sure).
Table garden_path() {
    return {{2, {{3, 0.5}, {4, 0.4}}},
            {3, {{6, 0.2}, {7, 0.18}}},
            {4, {{5, 0.95}}},
            {5, {{kEnd, 0.95}}},
            {6, {{kEnd, 0.2}}}};
}

TEST(Greedy, TakesTheLikeliestTokenAtEachStepUntilTheEnd) {
    TableScorer scorer({{2, {{3, 0.6}}}, {3, {{4, 0.6}}}, {4, {{kEnd, 0.6}}}});
    EXPECT_THAT(found(scorer, {{2}}, search_with(1)), ElementsAre(Tokens{2, 3, 4, kEnd}));
}

TEST(Greedy, StopsAtTheGreatestLengthWithoutAnEnd) {
    TableScorer scorer({{2, {{3, 0.9}}}, {3, {{2, 0.9}}}});
    EXPECT_THAT(found(scorer, {{2}}, search_with(1)), ElementsAre(Tokens{2, 3, 2, 3, 2, 3}));
}

TEST(Greedy, GivesALongPromptOneToken) {
    TableScorer scorer({{2, {{3, 0.9}}}});
    EXPECT_THAT(found(scorer, {{4, 4, 4, 4, 4, 4, 2}}, search_with(1)),
                ElementsAre(Tokens{4, 4, 4, 4, 4, 4, 2, 3}));
}

TEST(Greedy, OfEqualScoresTheSmallerTokenWins) {
    TableScorer scorer({{2, {{5, 0.4}, {3, 0.4}}}, {3, {{kEnd, 0.9}}}});
    EXPECT_THAT(found(scorer, {{2}}, search_with(1)), ElementsAre(Tokens{2, 3, kEnd}));
}

TEST(Greedy, ShorterSequencesArePaddedAndNoLongerComputed) {
    TableScorer scorer({{2, {{kEnd, 0.9}}}, {3, {{4, 0.9}}}, {4, {{kEnd, 0.9}}}});
    EXPECT_THAT(found(scorer, {{2}, {3}}, search_with(1)),
                ElementsAre(Tokens{2, kEnd, kPad}, Tokens{3, 4, kEnd}));
    EXPECT_THAT(scorer.rows_seen, ElementsAre(1));
}

TEST(Greedy, DoesNotEndBeforeTheLeastLength) {
    TableScorer scorer({{2, {{kEnd, 0.6}, {3, 0.3}}}, {3, {{kEnd, 0.6}, {4, 0.3}}}, {4, {{kEnd, 0.6}}}});
    TokenSearch search = search_with(1);
    search.length_min = 3;
    EXPECT_THAT(found(scorer, {{2}}, search), ElementsAre(Tokens{2, 3, 4, kEnd}));
}

TEST(Beams, FindASequenceThatGreedyMisses) {
    TableScorer scorer(garden_path());
    EXPECT_EQ(found(scorer, {{2}}, search_with(1)).at(0).at(1), 3) << "greedy must be led astray";
    EXPECT_THAT(found(scorer, {{2}}, search_with(2)), ElementsAre(Tokens{2, 4, 5, kEnd}));
}

TEST(Beams, OneBeamIsGreedy) {
    for (std::int64_t first = 2; first < 8; ++first) {
        TableScorer scorer(garden_path());
        Tokens expected = {first};
        while (expected.size() < 6 && expected.back() != kEnd) {
            const auto row = scorer.start(std::vector<Tokens>{{expected.back()}});
            expected.push_back(std::max_element(row.begin(), row.end()) - row.begin());
        }
        EXPECT_THAT(found(scorer, {{first}}, search_with(1)), ElementsAre(expected));
    }
}

TEST(Beams, FollowEachPromptByItself) {
    TableScorer both(garden_path());
    TableScorer one(garden_path());
    TableScorer other(garden_path());
    const auto together = found(both, {{3}, {2}}, search_with(3));
    auto alone = found(one, {{3}}, search_with(3));
    const auto second = found(other, {{2}}, search_with(3));
    alone.insert(alone.end(), second.begin(), second.end());
    ASSERT_EQ(together.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        // Alike but for the padding to the longer of the two.
        EXPECT_TRUE(std::equal(alone[i].begin(), alone[i].end(), together[i].begin()));
    }
}

// Worked out by hand: log 0.55 / 1 for ending at once, log (0.4 * 0.9 * 0.9) / 3 for 2 3 4 and the end. The
// sum of the shorter is greater, its mean smaller.
TEST(Beams, TheLengthPenaltyWeighsLongerSequences) {
    const Table table = {{2, {{kEnd, 0.55}, {3, 0.4}}}, {3, {{4, 0.9}}}, {4, {{kEnd, 0.9}}}};
    TokenSearch search = search_with(2);
    TableScorer by_mean(table);
    EXPECT_THAT(found(by_mean, {{2}}, search), ElementsAre(Tokens{2, 3, 4, kEnd}));
    search.length_penalty = 0;
    TableScorer by_sum(table);
    EXPECT_THAT(found(by_sum, {{2}}, search), ElementsAre(Tokens{2, kEnd}));
}

// With the sum as the score nothing that is open can beat two sequences that have ended better than the best
// open one; so the second step is the last.
TEST(Beams, AreDoneWhenNoOpenOneCanWin) {
    TableScorer scorer({{2, {{kEnd, 0.6}, {3, 0.39}}}, {3, {{kEnd, 0.9}}}});
    TokenSearch search = search_with(2);
    search.length_penalty = 0;
    EXPECT_THAT(found(scorer, {{2}}, search), ElementsAre(Tokens{2, kEnd}));
    EXPECT_THAT(scorer.rows_seen, ElementsAre(2));
}

// At the second step the ends are the first and the third choice of two beams: only the first counts, so it
// takes another step until two have ended.
TEST(Beams, AnEndThatIsNoneOfTheBestIsPassedOver) {
    TableScorer scorer(
        {{2, {{3, 0.5}, {4, 0.45}}}, {3, {{kEnd, 0.9}}}, {4, {{5, 0.5}, {kEnd, 0.35}}}, {5, {{kEnd, 0.9}}}});
    TokenSearch search = search_with(2);
    search.early_stopping = true;
    (void)found(scorer, {{2}}, search);
    EXPECT_EQ(scorer.rows_seen.size(), 2U);
}

TEST(Beams, EarlyStoppingAsksForNoMoreThanEnoughEnds) {
    const Table table = {{2, {{3, 0.5}, {kEnd, 0.3}}}, {3, {{4, 0.5}, {kEnd, 0.4}}}, {4, {{5, 0.9}}}};
    TokenSearch search = search_with(2);
    TableScorer patient(table);
    (void)found(patient, {{2}}, search);
    search.early_stopping = true;
    TableScorer hasty(table);
    (void)found(hasty, {{2}}, search);
    EXPECT_EQ(hasty.rows_seen.size(), 1U);
    EXPECT_GT(patient.rows_seen.size(), 1U);
}

TEST(Beams, OpenOnesCountWhenTheLengthIsUsedUp) {
    TableScorer scorer({{2, {{3, 0.9}}}, {3, {{2, 0.9}}}});
    EXPECT_THAT(found(scorer, {{2}}, search_with(2)), ElementsAre(Tokens{2, 3, 2, 3, 2, 3}));
}

TEST(Search, RefusesWhatItCannotFollow) {
    TableScorer scorer(garden_path());
    EXPECT_EQ(search_tokens(scorer, {}, search_with(1)).error().code, ErrorCode::invalid_argument);
    const std::vector<Tokens> uneven = {{2}, {2, 3}};
    EXPECT_THAT(search_tokens(scorer, uneven, search_with(1)).error().message, HasSubstr("lengths"));
    const std::vector<Tokens> prompt = {{2}};
    EXPECT_THAT(search_tokens(scorer, prompt, search_with(5)).error().message, HasSubstr("5 beams"));
}

TEST(Search, RefusesNumbersThatAreNone) {
    TableScorer scorer({{2, {{3, 0.9}}}, {3, {{4, std::numeric_limits<double>::quiet_NaN()}}}});
    const std::vector<Tokens> prompt = {{2}};
    EXPECT_EQ(search_tokens(scorer, prompt, search_with(1)).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace bgm
