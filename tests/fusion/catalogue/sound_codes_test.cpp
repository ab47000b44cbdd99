// Codes of four bits a number: a bound on each product that holds, and is close.
#include "fusion/catalogue/sound_codes.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fusion/catalogue/rotation.hpp"
#include "fusion/catalogue/sound_space.hpp"
#include "tests/fusion/random_cases.hpp"

namespace bgm {
namespace {

using testing::RandomCases;

std::vector<float> some_unit(RandomCases& random, std::size_t width, bool uneven) {
    std::vector<float> numbers(width);
    for (float& number : numbers)
        number = random.between(-1, 1) * (uneven && random.below(8) == 0 ? 30.0F : 1.0F);
    const float length = length_of(numbers);
    for (float& number : numbers)
        number /= length;
    return numbers;
}

TEST(SoundCodes, BoundProductsClosely) {
    RandomCases random(1);
    for (const std::size_t width : {1U, 2U, 40U, 128U, 500U, 1024U}) {
        for (const bool uneven : {false, true}) {
            SCOPED_TRACE(width);
            constexpr std::uint32_t kVectors = 200;
            SoundCodes codes(width, kVectors);
            std::vector<std::vector<float>> vectors;
            for (std::uint32_t i = 0; i < kVectors; ++i) {
                vectors.push_back(some_unit(random, width, uneven));
                codes.add(vectors.back());
            }
            double beyond = 0;
            int above = 0;
            for (int q = 0; q < 20; ++q) {
                std::vector<float> query = some_unit(random, width, uneven);
                const float length = random.between(0.1F, 3);
                for (float& number : query)
                    number *= length;
                const SoundCodes::Query ready = codes.query(query);
                for (std::uint32_t i = 0; i < kVectors; ++i) {
                    const float product = dot(vectors[i], query);
                    above += product > codes.most(i, ready) ? 1 : 0;
                    beyond += static_cast<double>((codes.most(i, ready) - product) / length);
                }
            }
            EXPECT_LE(above, 2) << "of " << 20 * kVectors;
            if (width < 40) continue;  // where errors may add up
            EXPECT_LT(beyond / (20 * kVectors), 0.75 / std::sqrt(width));
        }
    }
}

TEST(Rotation, KeepsProductsAndSpreadsNumbers) {
    RandomCases random(2);
    for (const std::size_t size : {64U, 128U, 1024U}) {
        std::vector<float> axis(size, 0);
        axis[random.below(size)] = 1;
        for (const float number : rotated(axis, size))
            EXPECT_LT(std::abs(number), 6 / std::sqrt(static_cast<float>(size)));
        const std::vector<float> a = some_unit(random, size / 2 + 3, false);
        const std::vector<float> b = some_unit(random, size / 2 + 3, true);
        EXPECT_NEAR(dot(rotated(a, size), rotated(b, size)), dot(a, b), 1e-5);
    }
}

}  // namespace
}  // namespace bgm
