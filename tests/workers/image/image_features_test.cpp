// What the embedding promises: fixed length, bounded, the same for the same pixels however they were stored,
// and measurements that see a sunset in a sunset.
#include "workers/image/image_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/workers/image/drawn_scenes.hpp"

namespace bgm {
namespace {

using namespace test;

float feature(const Encoding& encoding, std::string_view name) {
    const auto rows = image_feature_rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == name) return encoding.embedding[i];
    }
    ADD_FAILURE() << "no feature " << name;
    return 0;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / std::sqrt(aa * bb);
}

TEST(ImageFeatures, EveryDimensionHasItsOwnDocumentedName) {
    std::ifstream stream(BGM_SOURCE_DIR "/docs/features-image.md");
    const std::string page{std::istreambuf_iterator<char>(stream), {}};
    std::set<std::string_view> names;
    for (const FeatureRow& row : image_feature_rows()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_GT(row.spread, 0) << row.name;
        EXPECT_NE(page.find("`" + std::string(row.name) + "`"), std::string::npos)
            << row.name << " is not documented";
    }
    EXPECT_EQ(names.size(), encode_pixels(draw_sky(64, 48)).embedding.size());
}

TEST(ImageFeatures, AreBoundedForPicturesOfEveryShape) {
    for (const auto& [width, height] : {std::pair{1, 1},
                                        {1, 2},
                                        {2, 1},
                                        {3, 3},
                                        {1, 3000},
                                        {3000, 1},
                                        {7, 5},
                                        {20'000, 3},
                                        {257, 193},
                                        {1000, 1000}}) {
        for (const auto& image :
             {draw_sunset(width, height), draw_night(width, height), draw_flat(width, height, 0, 0, 0)}) {
            const Encoding encoding = encode_pixels(image);
            EXPECT_GE(encoding.quality, 0);
            EXPECT_LE(encoding.quality, 1);
            for (std::size_t i = 0; i < encoding.embedding.size(); ++i) {
                ASSERT_TRUE(std::fabs(encoding.embedding[i]) <= 1)
                    << width << " x " << height << ": " << image_feature_rows()[i].name;
            }
        }
    }
}

TEST(ImageFeatures, AreTheSameBitsForTheSamePixels) {
    EXPECT_EQ(encode_pixels(draw_forest(300, 200)).embedding, encode_pixels(draw_forest(300, 200)).embedding);
}

TEST(ImageFeatures, HardlyDependOnThePicturesSize) {
    EXPECT_GT(cosine(encode_pixels(draw_sunset(1200, 900)).embedding,
                     encode_pixels(draw_sunset(400, 300)).embedding),
              0.98);
    EXPECT_GT(cosine(encode_pixels(draw_quarters(1200, 900)).embedding,
                     encode_pixels(draw_quarters(1191, 893)).embedding),
              0.99);
}

TEST(ImageFeatures, NothingToSeeIsQualityZeroAndSaysSo) {
    const auto note = [](const RgbImage& image) {
        const Encoding encoding = encode_pixels(image);
        EXPECT_EQ(encoding.quality, 0);
        return encoding.notes.empty() ? std::string() : encoding.notes.front();
    };
    EXPECT_EQ(note(draw_flat(200, 100, 0, 0, 0)), "black frame");
    EXPECT_EQ(note(draw_flat(200, 100, 9, 9, 9)), "black frame");
    EXPECT_EQ(note(draw_flat(200, 100, 255, 255, 255)), "flat image");
    EXPECT_EQ(note(draw_flat(200, 100, 90, 140, 30)), "flat image");
    EXPECT_EQ(note(RgbImage{}), "empty image");
    EXPECT_EQ(note(RgbImage{.width = 4, .height = 4, .pixels = {}}), "empty image");
}

TEST(ImageFeatures, AFadeCountsByHowFarItHasCome) {
    float previous = -1;
    for (const int tenths : {0, 1, 2, 4, 10}) {
        RgbImage frame = draw_sky(200, 150);
        for (auto& value : frame.pixels)
            value = static_cast<std::uint8_t>(value * tenths / 10);
        const float quality = encode_pixels(frame).quality;
        EXPECT_GE(quality, previous) << tenths;
        previous = quality;
    }
    EXPECT_EQ(previous, 1);
    EXPECT_EQ(encode_pixels(draw_sunset(20, 15)).notes, (std::vector<std::string>{"tiny image"}));
}

TEST(ImageFeatures, FollowTheEquationsOfValdezAndMehrabian) {
    // Half red, half black, by hand: brightness 0.1063, saturation 0.5.
    RgbImage image = draw_flat(100, 100, 255, 0, 0);
    std::fill(image.pixels.begin(), image.pixels.begin() + 15'000, 0);
    const Encoding encoding = encode_pixels(image);
    EXPECT_NEAR(encoding.facts.at("brightness"), 0.1063, 1e-4);
    EXPECT_NEAR(encoding.facts.at("saturation"), 0.5, 1e-4);
    EXPECT_NEAR(feature(encoding, "pleasure"), (0.69 * 0.1063 + 0.22 * 0.5 - 0.36) / 0.25, 1e-3);
    EXPECT_NEAR(feature(encoding, "arousal"),
                (-0.31 * 0.1063 + 0.60 * 0.5) / 0.25 > 1 ? 1 : (-0.31 * 0.1063 + 0.60 * 0.5) / 0.25, 1e-3);
}

TEST(ImageFeatures, SeeTheSceneInTheScene) {
    const Encoding sunset = encode_pixels(draw_sunset(400, 300));
    const Encoding forest = encode_pixels(draw_forest(400, 300));
    const Encoding night = encode_pixels(draw_night(400, 300));
    const Encoding gloom = encode_pixels(draw_gloom(400, 300));
    const Encoding sky = encode_pixels(draw_sky(400, 300));
    const auto leads = [&](std::string_view cue, const Encoding& expected) {
        EXPECT_GT(feature(expected, cue), 0.5) << cue;
        for (const Encoding* other : {&sunset, &forest, &night, &gloom, &sky}) {
            if (other == &expected) continue;
            EXPECT_LT(feature(*other, cue), feature(expected, cue)) << cue;
        }
    };
    leads("sunset", sunset);
    leads("vegetation", forest);
    leads("neon", night);
    leads("gloom", gloom);
    leads("blue_sky", sky);
    EXPECT_GT(sunset.facts.at("warmth"), 0.1);
    EXPECT_LT(sky.facts.at("warmth"), sunset.facts.at("warmth"));
    EXPECT_GT(feature(sunset, "horizon"), feature(forest, "horizon"));
    EXPECT_GT(feature(forest, "detail"), feature(sunset, "detail"));
}

TEST(ImageFeatures, TellTheDirectionOfLines) {
    const auto stripes = [](int dx, int dy) {
        RgbImage image = draw_flat(240, 180, 0, 0, 0);
        for (int y = 0; y < image.height; ++y) {
            for (int x = 0; x < image.width; ++x) {
                const auto shade = static_cast<std::uint8_t>(127 + 120 * std::sin((x * dx + y * dy) * 0.25));
                std::fill_n(&image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 3], 3, shade);
            }
        }
        return encode_pixels(image);
    };
    const Encoding level = stripes(0, 1);
    const Encoding upright = stripes(1, 0);
    const Encoding slanted = stripes(1, 1);
    EXPECT_GT(feature(level, "lines_horizontal"), 0.9);
    EXPECT_LT(feature(upright, "lines_horizontal"), -0.9);
    EXPECT_GT(feature(upright, "lines_vertical"), 0.9);
    EXPECT_GT(feature(slanted, "lines_slanted"), 0.9);
    EXPECT_LT(feature(slanted, "roundness"), -0.9);
    EXPECT_GT(feature(level, "symmetry_left_right"), 0.9);
}

}  // namespace
}  // namespace bgm
