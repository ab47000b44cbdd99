// preprocessor_config.json in the forms that published models have it, and in forms that nobody should load.
#include "workers/image/pixel_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bgm {
namespace {

using testing::HasSubstr;

class PixelConfigTest : public testing::Test {
 protected:
    Result<PixelConfig> read(const std::string& json, PixelFamily family = PixelFamily::clip) {
        std::ofstream(file_) << json;
        return read_pixel_config(file_, family);
    }
    std::string error_of(const std::string& json, PixelFamily family = PixelFamily::clip) {
        const auto config = read(json, family);
        return config ? "no error" : config.error().message;
    }
    void TearDown() override { std::filesystem::remove(file_); }

    const std::filesystem::path file_ =
        std::filesystem::path(testing::TempDir()) /
        (std::string("pixel_config_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
         ".json");
};

TEST_F(PixelConfigTest, HasClipsDefaults) {
    const auto config = read("{}");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->resize, PixelConfig::Resize::shortest_edge);
    EXPECT_EQ(config->shortest_edge, 224);
    EXPECT_EQ(config->filter, ResampleFilter::bicubic);
    EXPECT_TRUE(config->center_crop);
    EXPECT_EQ(config->width(), 224);
    EXPECT_EQ(config->height(), 224);
    EXPECT_EQ(config->rescale_factor, 1.0 / 255);
    EXPECT_EQ(config->mean[0], 0.48145466F);
    EXPECT_EQ(config->deviation[2], 0.27577711F);
}

TEST_F(PixelConfigTest, HasBlipsDefaults) {
    const auto config = read("{}", PixelFamily::blip);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->resize, PixelConfig::Resize::exact);
    EXPECT_FALSE(config->center_crop);
    EXPECT_EQ(config->width(), 384);
    EXPECT_EQ(config->height(), 384);
}

// As the first CLIP checkpoints have it: numbers for sizes, and the class's old name.
TEST_F(PixelConfigTest, ReadsTheOldForm) {
    const auto config =
        read(R"({"crop_size": 336, "do_center_crop": true, "do_normalize": true, "do_resize": true,
        "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": [0.5, 0.25, 0.125],
        "image_std": [0.5, 1, 2], "resample": 2, "size": 336})");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->shortest_edge, 336);
    EXPECT_EQ(config->crop_height, 336);
    EXPECT_EQ(config->filter, ResampleFilter::bilinear);
    EXPECT_EQ(config->mean[1], 0.25F);
    EXPECT_EQ(config->deviation[2], 2.0F);
}

TEST_F(PixelConfigTest, ReadsTheNewForm) {
    const auto config = read(R"({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 200},
        "image_processor_type": "CLIPImageProcessor", "image_mean": 0.5, "do_rescale": false, "do_normalize": false,
        "_processor_class": null, "something_new": [1, {"a": 2}]})");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->shortest_edge, 256);
    EXPECT_EQ(config->width(), 200);
    EXPECT_EQ(config->height(), 224);
    EXPECT_EQ(config->mean[2], 0.5F);
    EXPECT_FALSE(config->rescale);
    EXPECT_FALSE(config->normalize);
}

TEST_F(PixelConfigTest, ReadsBothSidesOfAnExactSize) {
    for (const std::string json :
         {R"({"size": {"height": 384, "width": 320}})", R"({"size": [384, 320], "do_center_crop": true})"}) {
        const auto blip = read(json, PixelFamily::blip);
        ASSERT_TRUE(blip.ok()) << blip.error().message;
        EXPECT_EQ(blip->width(), 320);
        EXPECT_EQ(blip->height(), 384);
    }
    const auto clip = read(R"({"size": {"height": 384, "width": 320}, "do_center_crop": false})");
    ASSERT_TRUE(clip.ok()) << clip.error().message;
    EXPECT_EQ(clip->resize, PixelConfig::Resize::exact);
    EXPECT_EQ(clip->width(), 320);
    const auto unresized = read(R"({"do_resize": false, "crop_size": 64})");
    ASSERT_TRUE(unresized.ok()) << unresized.error().message;
    EXPECT_EQ(unresized->resize, PixelConfig::Resize::none);
    EXPECT_EQ(unresized->width(), 64);
}

TEST_F(PixelConfigTest, NamesFileAndKeyOfWhatMakesNoSense) {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {R"({"size": 0})", "size"},
        {R"({"size": -224})", "size"},
        {R"({"size": 100000})", "size"},
        {R"({"size": 1e300})", "size"},
        {R"({"size": "224"})", "size"},
        {R"({"size": [224]})", "size"},
        {R"({"size": {}})", "width"},
        {R"({"size": {"height": 3}})", "width"},
        {R"({"size": {"shortest_edge": 0}})", "shortest_edge"},
        {R"({"size": {"shortest_edge": 224, "longest_edge": 300}})", "longest_edge"},
        {R"({"crop_size": 9223372036854775807})", "crop_size"},
        {R"({"crop_size": {"height": 18446744073709551615, "width": 1}})", "height"},
        {R"({"resample": 0})", "resample"},
        {R"({"resample": 1})", "resample"},
        {R"({"resample": 77})", "resample"},
        {R"({"do_resize": 1})", "do_resize"},
        {R"({"do_center_crop": false})", "do_center_crop"},
        {R"({"do_convert_rgb": "yes"})", "do_convert_rgb"},
        {R"({"rescale_factor": 0})", "rescale_factor"},
        {R"({"rescale_factor": -1})", "rescale_factor"},
        {R"({"image_std": [0.2, 0.2, 0]})", "image_std"},
        {R"({"image_std": [0.2, 0.2]})", "image_std"},
        {R"({"image_std": 0})", "image_std"},
        {R"({"image_mean": [1e30, 0, 0]})", "image_mean"},
        {R"({"image_mean": ["a", 0, 0]})", "image_mean"},
        {R"({"image_mean": {}})", "image_mean"},
        {R"({"image_processor_type": "ViTImageProcessor"})", "ViTImageProcessor"},
        {R"({"image_processor_type": "BlipImageProcessor"})", "BlipImageProcessor"},
        {R"([1])", "JSON object"},
        {R"({"size": 224)", "JSON object"},
    };
    for (const auto& [json, what] : mistakes) {
        EXPECT_THAT(error_of(json), HasSubstr(what)) << json;
        EXPECT_THAT(error_of(json), HasSubstr(file_.string())) << json;
    }
    EXPECT_THAT(error_of(R"({"size": {"shortest_edge": 384}})", PixelFamily::blip), HasSubstr("width"));
    EXPECT_EQ(read_pixel_config(file_.string() + ".absent", PixelFamily::clip).error().code,
              ErrorCode::not_found);
}

}  // namespace
}  // namespace bgm
