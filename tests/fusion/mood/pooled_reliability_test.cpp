// A post read by two modalities is read no worse than by the better one of them. Posts are made up: a
// valence, and per modality a reading that correlates with it as that modality's readings were measured to
// (docs/fusion.md), of which the head says what is to be expected of it. The errors of two modalities are
// independent, or share a third.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <iostream>
#include <random>

#include "fusion/mood/opinion_pool.hpp"

namespace bgm {
namespace {

constexpr int kPosts = 20'000;
constexpr double kNoise = 0.01;  // of a correlation over so many

struct Reader {
    const char* name;
    Modality modality;
    double correlation;  // with people's valence, as measured
    float precision;     // that of its head
};
constexpr Reader kText{"text", Modality::text, 0.43, 1.0F};
constexpr std::array kOthers{
    Reader{"photo, colour and texture", Modality::image, 0.15, 0.35F},
    Reader{"photo, faces", Modality::image, 0.31, 0.7F},
    Reader{"music", Modality::audio, 0.41, 0.7F},
    Reader{"voice", Modality::audio, 0.44, 0.7F},
};

Evidence reading(const Reader& reader, double valence, double error) {
    const double r = reader.correlation;
    const double seen = r * valence + std::sqrt(1 - r * r) * error;
    Evidence evidence{.modality = reader.modality,
                      .mood = uniform_moods(),
                      .affect = {static_cast<float>(0.3 * r * seen), 0},
                      .precision = reader.precision};
    return evidence;
}

class Correlation {
 public:
    void add(double x, double y) { ++n_, x_ += x, y_ += y, xx_ += x * x, yy_ += y * y, xy_ += x * y; }
    double value() const {
        return (n_ * xy_ - x_ * y_) / std::sqrt((n_ * xx_ - x_ * x_) * (n_ * yy_ - y_ * y_));
    }

 private:
    double n_ = 0, x_ = 0, y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

void expect_no_worse(const Reader& one, const Reader& other, double shared) {
    std::mt19937_64 random(11);
    std::normal_distribution<double> draw;
    Correlation alone, beside, both;
    for (int post = 0; post < kPosts; ++post) {
        const double valence = draw(random), common = draw(random);
        const auto error = [&] { return std::sqrt(1 - shared) * draw(random) + std::sqrt(shared) * common; };
        const Evidence first = reading(one, valence, error()), second = reading(other, valence, error());
        alone.add(fuse(std::array{first}).affect.valence, valence);
        beside.add(fuse(std::array{second}).affect.valence, valence);
        both.add(fuse(std::array{first, second}).affect.valence, valence);
    }
    std::cout << one.name << " " << alone.value() << ", " << other.name << " " << beside.value() << ", both "
              << both.value() << " (errors share " << shared << ")\n";
    EXPECT_GE(both.value(), std::max(alone.value(), beside.value()) - kNoise)
        << one.name << ", " << other.name;
}

TEST(PooledReliability, OfTwoIsThatOfTheBetterOneOrMore) {
    for (const double shared : {0.0, 1.0 / 3}) {
        for (const Reader& other : kOthers)
            expect_no_worse(kText, other, shared);
        expect_no_worse(kOthers[0], kOthers[2], shared);
        expect_no_worse(kOthers[1], kOthers[3], shared);
    }
}

}  // namespace
}  // namespace bgm
