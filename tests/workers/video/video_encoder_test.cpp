// Idea: a video is answered with what it has: pictures, sound, or both, each as an encoding of its own
// modality, and the shipped head hears movement as arousal.
#include "workers/video/video_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "fusion/mood/head.hpp"
#include "ops/lab/make-media-heads/video_head.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/image/image_features.hpp"
#include "workers/video/video_embedding.hpp"

namespace bgm {
namespace {

using test::MusicSpec;
using test::Scene;
using test::VideoFormat;
using test::VideoSpec;
using testing::Contains;
using testing::HasSubstr;

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

EncodeResult encode(const std::string& file) {
    auto encoder = make_video_encoder({});
    EncodeTask task;
    task.media = test::as_bytes(file);
    return (*encoder)->encode({&task, 1}).front();
}

std::vector<Encoding> encode_well(const VideoSpec& spec) {
    auto result = encode(test::make_video_clip(spec));
    EXPECT_TRUE(result.ok()) << result.error().to_string();
    return result.ok() ? *result : std::vector<Encoding>{};
}

TEST(VideoEncoder, PicturesAndSoundAreTwoEncodings) {
    for (const VideoFormat format :
         {VideoFormat::mp4_h264, VideoFormat::webm_vp9, VideoFormat::mkv_h264, VideoFormat::avi_mpeg4}) {
        const auto encodings = encode_well({.format = format, .seconds = 5, .sound = MusicSpec{}});
        ASSERT_EQ(encodings.size(), 2U);
        EXPECT_EQ(encodings[0].modality, Modality::video);
        EXPECT_EQ(encodings[0].model, "builtin-video-1");
        EXPECT_EQ(encodings[0].embedding.size(), image_feature_rows().size() + motion_feature_rows().size());
        EXPECT_GT(encodings[0].quality, 0);
        EXPECT_TRUE(encodings[0].facts.contains("motion"));
        EXPECT_EQ(encodings[1].modality, Modality::audio);
        EXPECT_EQ(encodings[1].model, "builtin-music-1");
        EXPECT_NEAR(encodings[1].facts.at("tempo_bpm"), 120, 3);
    }
}

TEST(VideoEncoder, WithoutSoundThereIsOneEncodingAndANote) {
    const auto encodings = encode_well({.seconds = 2});
    ASSERT_EQ(encodings.size(), 1U);
    EXPECT_EQ(encodings[0].modality, Modality::video);
    EXPECT_THAT(encodings[0].notes, Contains(HasSubstr("no sound")));
}

TEST(VideoEncoder, WithoutPicturesThereIsTheSoundAndANote) {
    const auto encodings = encode_well({.seconds = 3, .pictures = false, .sound = MusicSpec{}});
    ASSERT_EQ(encodings.size(), 1U);
    EXPECT_EQ(encodings[0].modality, Modality::audio);
    EXPECT_THAT(encodings[0].notes, Contains(HasSubstr("no pictures")));
}

TEST(VideoEncoder, ABlackVideoIsEvidenceOfNothing) {
    const auto encodings = encode_well({.seconds = 2, .scene = Scene::black});
    ASSERT_EQ(encodings.size(), 1U);
    EXPECT_EQ(encodings[0].quality, 0.0F);
    EXPECT_FALSE(encodings[0].notes.empty());
}

TEST(VideoEncoder, AVideoOfNoLengthHasNoFrames) {
    for (const VideoFormat format : {VideoFormat::mp4_h264, VideoFormat::mp4_mpeg4}) {
        const auto result = encode(test::make_video_clip({.format = format, .seconds = 0}));
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().code, ErrorCode::corrupt);
        EXPECT_THAT(result.error().message, HasSubstr("no frames"));
    }
}

TEST(VideoEncoder, CutsAreSeen) {
    // Something to see in front of the changing colours: a flat frame is evidence of nothing.
    const auto cuts = encode_well({.seconds = 8, .scene = Scene::cuts, .key_frame_every = 6});
    const auto moving = encode_well({.seconds = 8, .scene = Scene::moving, .key_frame_every = 6});
    EXPECT_GT(cuts[0].facts.at("scene_changes"), 0.5F);
    EXPECT_EQ(moving[0].facts.at("scene_changes"), 0.0F);
}

TEST(VideoHead, MovementRaisesArousalAndHardlyTouchesValence) {
    const std::string bytes = read_file(BGM_SOURCE_DIR "/data/builtin/video_head.safetensors");
    const auto head = LinearHead::parse(test::as_bytes(bytes));
    ASSERT_TRUE(head.ok()) << head.error().to_string();
    EXPECT_EQ(head->model(), kVideoModel);
    EXPECT_EQ(head->modality(), Modality::video);
    const auto still = encode_well({.seconds = 4, .scene = Scene::still});
    const auto moving = encode_well({.seconds = 4, .scene = Scene::moving});
    const auto calm = head->read(still[0].embedding, 1);
    const auto lively = head->read(moving[0].embedding, 1);
    ASSERT_TRUE(calm.ok() && lively.ok());
    EXPECT_GT(lively->affect.arousal, calm->affect.arousal + 0.1F);
    EXPECT_NEAR(lively->affect.valence, calm->affect.valence, 0.15F);
}

TEST(VideoHead, TheShippedFileIsTheShippedImageHeadExtended) {
    const std::string image = read_file(BGM_SOURCE_DIR "/data/builtin/image_head.safetensors");
    const auto made = heads::make_video_head(test::as_bytes(image));
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    EXPECT_TRUE(read_file(BGM_SOURCE_DIR "/data/builtin/video_head.safetensors") == *made)
        << "run bgm-make-media-heads data/builtin";
}

}  // namespace
}  // namespace bgm
