// Some names have values and all others none, however their numbers fall.
#include "fusion/taste/name_values.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

TEST(NameValues, AreThoseThatWereGivenAndNoOthers) {
    RandomCases random(4);
    for (const std::size_t count : {0U, 1U, 2U, 31U, 64U, 500U}) {
        SCOPED_TRACE(count);
        const std::uint32_t end = count < 40 ? 50 : 1U << (count == 64 ? 31 : 12);
        std::vector<std::pair<std::uint32_t, float>> values;
        std::map<std::uint32_t, float> wanted;
        for (std::size_t i = 0; i < count; ++i) {
            values.emplace_back(static_cast<std::uint32_t>(random.below(end)), random.between(-1, 1));
            wanted[values.back().first] = values.back().second;  // one that comes twice: the last
        }
        const NameValues names(values);
        for (const auto& [number, value] : wanted)
            ASSERT_EQ(names.of(number), value);
        std::array<std::uint32_t, CatalogueBlock::kTracks> asked{};
        for (std::uint32_t first = 0; first < 4096; first += CatalogueBlock::kTracks) {
            BlockScores sums;
            sums.fill(0.5F);
            for (std::uint32_t lane = 0; lane < asked.size(); ++lane)
                asked[lane] = first + lane;
            names.add_to(sums, asked);
            for (std::size_t lane = 0; lane < asked.size(); ++lane) {
                const auto known = wanted.find(asked[lane]);
                ASSERT_EQ(sums[lane], 0.5F + (known == wanted.end() ? 0 : known->second));
            }
        }
    }
}

}  // namespace
}  // namespace bgm
