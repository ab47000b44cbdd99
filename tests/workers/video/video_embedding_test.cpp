// Idea: pictures are put together by their quality; black ones have none and so change nothing.
#include "workers/video/video_embedding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bgm {
namespace {

PictureInTime picture(std::vector<float> embedding, float quality, float motion = 0.2F) {
    PictureInTime result;
    result.encoding.modality = Modality::image;
    result.encoding.embedding = std::move(embedding);
    result.encoding.quality = quality;
    result.encoding.facts["brightness"] = 0.5F;
    result.motion = motion;
    return result;
}

std::vector<float> visual_part(const Encoding& encoding) {
    return {encoding.embedding.begin(),
            encoding.embedding.end() - static_cast<std::ptrdiff_t>(motion_feature_rows().size())};
}

TEST(CombinePictures, BlackFramesChangeNothing) {
    const std::vector good{picture({0.5F, -0.5F}, 1.0F), picture({0.1F, 0.3F}, 1.0F)};
    std::vector with_black = good;
    with_black.push_back(picture({-1, -1}, 0.0F));
    with_black.insert(with_black.begin(), picture({-1, -1}, 0.0F));
    EXPECT_EQ(visual_part(combine_pictures(good)), visual_part(combine_pictures(with_black)));
    EXPECT_EQ(combine_pictures(with_black).quality, 1.0F);
}

TEST(CombinePictures, BetterPicturesCountMore) {
    const auto encoding = combine_pictures(std::vector{picture({1.0F}, 0.9F), picture({0.0F}, 0.1F)});
    EXPECT_NEAR(visual_part(encoding).front(), 0.9F, 1e-6F);
}

TEST(CombinePictures, NothingButBlackIsEvidenceOfNothing) {
    auto black = picture({0, 0}, 0.0F);
    black.encoding.notes = {"black frame"};
    const auto encoding = combine_pictures(std::vector{black, black});
    EXPECT_EQ(encoding.quality, 0.0F);
    EXPECT_THAT(encoding.notes, testing::ElementsAre("black frame"));
}

TEST(CombinePictures, UnknownMotionIsNeitherCalmNorLively) {
    const auto encoding = combine_pictures(std::vector{picture({0.0F}, 1.0F, -1), picture({0.0F}, 1.0F, -1)});
    EXPECT_EQ(encoding.embedding[1], 0.0F);
    EXPECT_EQ(encoding.embedding[2], 0.0F);
    EXPECT_FALSE(encoding.facts.contains("motion"));
}

TEST(CombinePictures, ScenesAreCountedByTheirColours) {
    auto red = picture({0.0F}, 1.0F);
    red.colours[48] = 1;
    auto blue = picture({0.0F}, 1.0F);
    blue.colours[3] = 1;
    EXPECT_EQ(combine_pictures(std::vector{red, red, red}).facts.at("scene_changes"), 0.0F);
    EXPECT_EQ(combine_pictures(std::vector{red, blue, red}).facts.at("scene_changes"), 1.0F);
}

TEST(ColourShares, AddUpToOneAndNameTheBox) {
    RgbImage image{.width = 2, .height = 1, .pixels = {255, 0, 0, 0, 0, 255}};
    const ColourShares shares = colour_shares(image);
    EXPECT_FLOAT_EQ(shares[48], 0.5F);
    EXPECT_FLOAT_EQ(shares[3], 0.5F);
}

}  // namespace
}  // namespace bgm
