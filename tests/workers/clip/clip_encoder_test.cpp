// Idea: what the clip preset does with pictures, with towers that answer by rule: stills are images and get a
// caption, what moves is a video and gets none, whatever it was posted as.
#include "workers/clip/clip_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/workers/av_maker.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::IsEmpty;

constexpr int kSide = 32;
constexpr std::size_t kValues = std::size_t{3} * kSide * kSide;

// An embedding of two numbers: a one for every picture, and its mean.
class MeanTower final : public ImageTower {
 public:
    std::int64_t image_size() const override { return kSide; }
    std::int64_t dimensions() const override { return 2; }
    double logit_scale() const override { return 100; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<float>> embed(std::span<const float> pixels, std::int64_t count) override {
        EXPECT_EQ(pixels.size(), kValues * static_cast<std::size_t>(count));
        std::vector<float> rows;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            float sum = 0;
            for (const float value : pixels.subspan(i * kValues, kValues))
                sum += value;
            rows.insert(rows.end(), {1, sum / kValues});
        }
        return rows;
    }

 private:
    TowerArithmetic arithmetic_;
};

class OneCaption final : public Captioner {
 public:
    std::int64_t image_size() const override { return kSide; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<std::string>> caption(std::span<const float> pixels, std::size_t) override {
        EXPECT_EQ(pixels.size(), kValues);
        return std::vector<std::string>{"a scene"};
    }

 private:
    TowerArithmetic arithmetic_;
};

// An embedding of two numbers: a one for every window, and its mean.
class MeanAudioTower final : public AudioTower {
 public:
    std::int64_t bands() const override { return 64; }
    std::int64_t frames_max() const override { return 1024; }
    std::int64_t dimensions() const override { return 2; }
    double logit_scale() const override { return 100; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<float>> embed(std::span<const float> spectra, std::int64_t count) override {
        EXPECT_FALSE(spectra.empty());
        std::vector<float> rows;
        for (std::int64_t i = 0; i < count; ++i)
            rows.insert(rows.end(), {1, spectra.front()});
        return rows;
    }

 private:
    TowerArithmetic arithmetic_;
};

std::unique_ptr<PixelReader> pixels() {
    return std::make_unique<PixelReader>(PixelConfig{.resize = PixelConfig::Resize::exact,
                                                     .resize_width = kSide,
                                                     .resize_height = kSide,
                                                     .center_crop = false});
}

ClipEncoder encoder(bool hears) {
    ClipParts parts;
    if (hears) {
        parts.sound_stage = std::make_unique<SoundStage>(ClapMel(ClapMelLayout()));
        parts.audio_tower = std::make_unique<MeanAudioTower>();
        parts.models[Modality::audio] = {.name = "ear@1", .fingerprint = "2", .head = {}};
    }
    parts.modalities = {Modality::image, Modality::video};
    parts.picture_stage = std::make_unique<PictureStage>(pixels(), pixels());
    parts.image_tower = std::make_unique<MeanTower>();
    parts.captioner = std::make_unique<OneCaption>();
    parts.models[Modality::image] = {.name = "tower@1", .fingerprint = "1", .head = {}};
    parts.models[Modality::video] = parts.models[Modality::image];
    return ClipEncoder(std::move(parts));
}

EncodeResult encode_as(Modality modality, std::span<const std::byte> file, bool hears = false) {
    ClipEncoder clip = encoder(hears);
    auto prepared = clip.prepare(modality, {.text = {}, .lang = {}, .media = file});
    if (!prepared) return prepared.error();
    std::vector<std::unique_ptr<PreparedTask>> tasks;
    tasks.push_back(*std::move(prepared));
    return clip.encode(tasks).front();
}

Bytes moving_webp() {
    return animate_webp({encode(draw_sunset(96, 64), ".webp"), encode(draw_forest(96, 64), ".webp")}, 96, 64);
}

Bytes moving_gif() {
    Bytes indices;
    for (int i = 0; i < 96 * 64; ++i)
        indices.push_back(static_cast<std::uint8_t>(i / 7 % 3));
    const test::GifFrame frame{.width = 96, .height = 64, .indices = indices};
    return make_gif(96, 64, {250, 10, 10, 10, 250, 10, 10, 10, 250}, {frame, frame});
}

TEST(ClipPictures, AStillPictureIsAnImageWithACaption) {
    for (const Bytes& file : {encode(draw_sunset(96, 64), ".jpg"),
                              animate_webp({encode(draw_sunset(96, 64), ".webp")}, 96, 64)}) {
        const auto result = encode_as(Modality::image, as_media(file));
        ASSERT_TRUE(result.ok()) << result.error().to_string();
        ASSERT_EQ(result->size(), 1U);
        EXPECT_EQ(result->front().modality, Modality::image);
        EXPECT_EQ(result->front().model, "tower@1");
        EXPECT_EQ(result->front().caption, "a scene");
        EXPECT_FALSE(result->front().facts.contains("frames"));
    }
}

TEST(ClipPictures, AnAnimationIsAVideoWithoutACaptionWhateverItIsPostedAs) {
    for (const Bytes& file : {moving_webp(), moving_gif()}) {
        for (const Modality posted_as : {Modality::image, Modality::video}) {
            const auto result = encode_as(posted_as, as_media(file));
            ASSERT_TRUE(result.ok()) << result.error().to_string();
            ASSERT_EQ(result->size(), 1U);
            const Encoding& encoding = result->front();
            EXPECT_EQ(encoding.modality, Modality::video);
            EXPECT_EQ(encoding.model, "tower@1");
            EXPECT_THAT(encoding.caption, IsEmpty());
            EXPECT_EQ(encoding.facts.at("frames"), 2);
            EXPECT_TRUE(encoding.facts.contains("motion"));
            EXPECT_EQ(encoding.embedding.size(), 2U);
            EXPECT_GT(encoding.quality, 0);
            EXPECT_THAT(encoding.notes, IsEmpty());
        }
    }
}

TEST(ClipPictures, OfAnAnimationCutOffInItsSecondFrameTheFirstIsTheImage) {
    const Bytes whole = moving_gif();
    const Bytes cut(whole.begin(), whole.end() - 10);
    const auto result = encode_as(Modality::image, as_media(cut));
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    EXPECT_EQ(result->front().modality, Modality::image);
    EXPECT_EQ(result->front().caption, "a scene");
}

TEST(ClipPictures, AVideoIsAVideo) {
    const std::string clip = make_video_clip({.width = 96, .height = 64, .seconds = 1, .key_frame_every = 5});
    const auto result = encode_as(Modality::video, as_bytes(clip));
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    EXPECT_EQ(result->front().modality, Modality::video);
    EXPECT_THAT(result->front().notes, testing::Contains(testing::HasSubstr("no sound used")));
}

// As in the builtin preset: what a film holds and cannot be used is named, what it never had is not.
TEST(ClipFilms, TheHalfThatCouldNotBeUsedIsNamed) {
    const AvTrack h264{.codec = "libx264", .width = 96, .height = 64};
    const AvTrack prores{.codec = "prores_ks", .width = 96, .height = 64, .pixel_format = "yuv422p10le"};
    const AvTrack aac{.codec = "aac"};
    const std::string whole = make_av_file({.container = "mp4", .tracks = {h264, aac}});
    const auto both = encode_as(Modality::video, as_bytes(whole), true);
    ASSERT_TRUE(both.ok()) << both.error().to_string();
    ASSERT_EQ(both->size(), 2U);
    EXPECT_THAT(both->at(0).missing, IsEmpty());
    EXPECT_THAT(both->at(1).missing, IsEmpty());

    const std::string silent = make_av_file({.container = "mp4", .tracks = {h264}});
    const auto pictures_only = encode_as(Modality::video, as_bytes(silent), true);
    ASSERT_TRUE(pictures_only.ok()) << pictures_only.error().to_string();
    EXPECT_THAT(pictures_only->front().missing, IsEmpty());

    const std::string spatial = with_replaced(with_replaced(whole, "mp4a", "apac"), "esds", "skip");
    const auto seen = encode_as(Modality::video, as_bytes(spatial), true);
    ASSERT_TRUE(seen.ok()) << seen.error().to_string();
    ASSERT_EQ(seen->size(), 1U);
    ASSERT_EQ(seen->front().missing.size(), 1U);
    EXPECT_EQ(seen->front().missing.front().modality, Modality::audio);
    EXPECT_THAT(seen->front().missing.front().error.message, testing::HasSubstr("'apac'"));

    const std::string studio = make_av_file({.container = "mov", .tracks = {prores, aac}});
    const auto heard = encode_as(Modality::video, as_bytes(studio), true);
    ASSERT_TRUE(heard.ok()) << heard.error().to_string();
    ASSERT_EQ(heard->size(), 1U);
    EXPECT_EQ(heard->front().modality, Modality::audio);
    ASSERT_EQ(heard->front().missing.size(), 1U);
    EXPECT_EQ(heard->front().missing.front().modality, Modality::video);
    EXPECT_THAT(heard->front().missing.front().error.message, testing::HasSubstr("'prores'"));
}

}  // namespace
}  // namespace bgm
