// Faces are found where there are some, and what they show is read; in noise and in nothing there are none.
// The pictures are those that the package shows its users.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "tests/workers/networks/packages.hpp"
#include "workers/networks/face_detector.hpp"
#include "workers/networks/face_expressions.hpp"
#include "workers/networks/picture_kinds.hpp"

namespace {

using namespace bgm;

constexpr std::size_t kHappy = 1, kSad = 2, kNeutralKind = 2;
constexpr std::size_t kMost = 16;

RgbImage filled(int width, int height, std::uint8_t value) {
    return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3, value)};
}

RgbImage noise(int width, int height) {
    RgbImage image = filled(width, height, 0);
    std::mt19937 random(7);
    for (std::uint8_t& value : image.pixels)
        value = static_cast<std::uint8_t>(random());
    return image;
}

class Faces : public testing::Test {
 protected:
    void SetUp() override {
        BGM_NEEDS_PACKAGES();
        detector_.emplace(FaceDetector::open(installed_packages()).value());
        expressions_.emplace(FaceExpressionNet::open(installed_packages()).value());
    }

    std::optional<FaceDetector> detector_;
    std::optional<FaceExpressionNet> expressions_;
};

TEST_F(Faces, AreCountedAndLieWhereTheyAre) {
    const RgbImage group = sample_picture(6);
    const auto faces = detector_->find(group, kMost);
    EXPECT_EQ(faces.size(), 5);
    for (const Face& face : faces) {
        EXPECT_GT(face.score, 0.5F);
        EXPECT_GT(face.left, 0);
        EXPECT_LT(face.left + face.width, 1);
        EXPECT_GT(face.top, 0.1F) << "heads in the upper half of a picture that is wider than high";
        EXPECT_LT(face.top + face.height, 0.6F);
    }
    EXPECT_EQ(detector_->find(group, 2).size(), 2) << "no more than asked for, the surest first";
    EXPECT_EQ(detector_->find(group, 2).front().left, faces.front().left);
}

TEST_F(Faces, SmileOrLookSad) {
    const RgbImage friends = sample_picture(6);
    EXPECT_GT(expressions_->read(friends, detector_->find(friends, 1).at(0))[kHappy], 0.9F);
    const RgbImage bowed = sample_picture(2);
    EXPECT_GT(expressions_->read(bowed, detector_->find(bowed, 1).at(0))[kSad], 0.5F);
}

TEST_F(Faces, AreNotFoundInNoiseOrNothing) {
    for (const RgbImage& image : {noise(640, 480), noise(31, 200), filled(640, 480, 0), filled(300, 300, 255),
                                  filled(1, 1, 90), filled(4000, 2, 90)})
        EXPECT_TRUE(detector_->find(image, kMost).empty()) << image.width << " x " << image.height;
}

TEST_F(Faces, AreReadWhereverTheirBoxEnds) {
    const RgbImage image = noise(40, 30);
    for (const Face& face : {Face{-0.5F, -0.5F, 2, 2, 1}, Face{0.99F, 0.99F, 0.5F, 0.5F, 1},
                             Face{0.2F, 0.2F, 0, 0, 1}, Face{-3, -3, 1, 1, 1}, Face{5, 5, 1e9F, 1e9F, 1}}) {
        float sum = 0;
        for (const float share : expressions_->read(image, face))
            sum += share;
        EXPECT_NEAR(sum, 1, 1e-5);
    }
}

TEST_F(Faces, OfAPictureDoNotDependOnTheOneBefore) {
    const RgbImage group = sample_picture(6);
    const auto first = detector_->find(group, kMost);
    (void)detector_->find(noise(100, 700), kMost);
    const auto again = detector_->find(group, kMost);
    ASSERT_EQ(again.size(), first.size());
    for (std::size_t i = 0; i < first.size(); ++i)
        EXPECT_EQ(again[i].score, first[i].score);
}

TEST(PictureKinds, ArePlausibleOfAGroupOfFriends) {
    BGM_NEEDS_PACKAGES();
    auto kinds = PictureKindNet::open(installed_packages());
    ASSERT_TRUE(kinds) << kinds.error().to_string();
    EXPECT_GT(kinds->read(sample_picture(6))[kNeutralKind], 0.8F);
    for (const RgbImage& image : {filled(1, 1, 0), filled(5000, 1, 200), noise(20, 3000)}) {
        float sum = 0;
        for (const float share : kinds->read(image))
            sum += share;
        EXPECT_NEAR(sum, 1, 1e-5);
    }
}

}  // namespace
