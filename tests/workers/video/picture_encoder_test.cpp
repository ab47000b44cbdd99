// Idea: what is posted as an image and moves is answered as the video that it is; what stands still is
// answered by the image encoder, to the bit. The same files count as video where they are posted as one.
#include "workers/video/picture_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/image/image_features.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/video/video_embedding.hpp"
#include "workers/video/video_encoder.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;

EncodeResult encode_with(const std::unique_ptr<Encoder>& encoder, const Bytes& file) {
    const EncodeTask task{.text = {}, .lang = {}, .media = as_media(file)};
    return encoder->encode(std::span(&task, 1)).front();
}

EncodeResult encode_picture(const Bytes& file) {
    return encode_with(*make_picture_encoder({}), file);
}

EncodeResult encode_still(const Bytes& file) {
    return encode_with(*make_image_encoder({}), file);
}

EncodeResult encode_video(const Bytes& file) {
    return encode_with(*make_video_encoder({}), file);
}

Bytes moving_webp() {
    return animate_webp({encode(draw_sunset(96, 64), ".webp"), encode(draw_forest(96, 64), ".webp"),
                         encode(draw_sunset(96, 64), ".webp")},
                        96, 64);
}

Bytes moving_gif(int frames = 3) {
    std::vector<test::GifFrame> stripes;
    for (int phase = 0; phase < frames; ++phase) {
        Bytes indices;
        for (int i = 0; i < 96 * 64; ++i)
            indices.push_back(static_cast<std::uint8_t>((i / 5 + phase) % 4));
        stripes.push_back({.width = 96, .height = 64, .indices = indices});
    }
    return make_gif(96, 64, {250, 10, 10, 10, 250, 10, 10, 10, 250, 250, 250, 10}, stripes);
}

TEST(PictureEncoder, AnAnimationIsAVideoWhateverItIsPostedAs) {
    for (const Bytes& file : {moving_gif(), moving_webp()}) {
        for (const auto& result : {encode_picture(file), encode_video(file)}) {
            ASSERT_TRUE(result.ok()) << result.error().to_string();
            ASSERT_EQ(result->size(), 1U);
            const Encoding& encoding = result->front();
            EXPECT_EQ(encoding.modality, Modality::video);
            EXPECT_EQ(encoding.model, kVideoModel);
            EXPECT_EQ(encoding.embedding.size(), image_feature_rows().size() + motion_feature_rows().size());
            EXPECT_GT(encoding.quality, 0);
            EXPECT_EQ(encoding.facts.at("frames"), 3);
            EXPECT_GT(encoding.facts.at("motion"), 0);
            EXPECT_FLOAT_EQ(encoding.facts.at("duration_s"), 0.3F);
            EXPECT_EQ(encoding.facts.at("width_px"), 96);
            EXPECT_THAT(encoding.notes, IsEmpty());
        }
    }
    EXPECT_GT(encode_picture(moving_webp())->front().facts.at("scene_changes"), 0.5F);
}

TEST(PictureEncoder, AStillPictureIsAnsweredByTheImageEncoder) {
    const RgbImage scene = draw_sunset(96, 64);
    const Bytes one_frame = animate_webp({encode(scene, ".webp")}, 96, 64);
    for (const Bytes& file : {encode(scene, ".jpg"), encode(scene, ".webp"), moving_gif(1), one_frame}) {
        const auto result = encode_picture(file);
        const auto expected = encode_still(file);
        ASSERT_TRUE(result.ok() && expected.ok());
        ASSERT_EQ(result->size(), 1U);
        EXPECT_EQ(result->front().modality, Modality::image);
        EXPECT_EQ(result->front().model, expected->front().model);
        EXPECT_EQ(result->front().embedding, expected->front().embedding);
        EXPECT_EQ(result->front().facts, expected->front().facts);
    }
}

TEST(PictureEncoder, OfABrokenAnimationWhatDecodesCounts) {
    const Bytes whole = moving_gif();
    const auto cut_at = [&](double share) {
        return Bytes(whole.begin(),
                     whole.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(whole.size())));
    };
    const auto two = encode_picture(cut_at(0.9));
    ASSERT_TRUE(two.ok());
    EXPECT_EQ(two->front().modality, Modality::video);
    EXPECT_EQ(two->front().facts.at("frames"), 2);
    EXPECT_THAT(two->front().notes, testing::Contains(HasSubstr("breaks off")));
    // The second frame has begun, so that the file moves, but is not whole.
    const Bytes one_whole = cut_at(0.6);
    ASSERT_TRUE(is_animation(as_media(one_whole)));
    const auto one = encode_picture(one_whole);
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(one->front().modality, Modality::image);
    EXPECT_EQ(one->front().embedding, encode_still(one_whole)->front().embedding);
}

TEST(PictureEncoder, RefusalsSayWhy) {
    const auto lie = encode_picture(make_gif(
        65'535, 65'535, {}, std::vector(2, test::GifFrame{.width = 1, .height = 1, .indices = {0}})));
    ASSERT_FALSE(lie.ok());
    EXPECT_EQ(lie.error().code, ErrorCode::too_large);
    EXPECT_EQ(encode_picture({'P', 'K', 3, 4, 0, 0}).error().code, ErrorCode::unsupported);
}

TEST(VideoEncoder, AStillPictureIsNoVideo) {
    for (const Bytes& file : {moving_gif(1), encode(draw_sky(32, 32), ".webp")}) {
        const auto result = encode_video(file);
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().code, ErrorCode::unsupported);
    }
}

}  // namespace
}  // namespace bgm
