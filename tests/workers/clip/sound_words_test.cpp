// Words among sounds, with towers that answer by rule: English text and captions get a place beside their
// embedding, other languages none, and where the tower fails nothing else is lost.
#include "workers/clip/sound_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"
#include "workers/clip/clip_encoder.hpp"

namespace bgm {
namespace {

using testing::ElementsAre;

// An id for each byte.
class ByteTokenizer final : public Tokenizer {
 public:
    explicit ByteTokenizer(std::size_t length_max = 512)
        : Tokenizer({.start_id = 1, .end_id = 2, .ids_end = 300, .length_max = length_max}) {}

 private:
    std::string normalise(std::string_view text) const override { return std::string(text); }
    void append_words(std::string_view text, std::size_t ids_max,
                      std::vector<std::int64_t>& ids) const override {
        for (const char byte : text) {
            if (ids.size() >= ids_max) return;
            ids.push_back(static_cast<unsigned char>(byte));
        }
    }
};

// How many ids each text has.
class LengthTower final : public TextTower {
 public:
    explicit LengthTower(bool fails = false) : fails_(fails) {}
    std::int64_t tokens_max() const override { return 512; }
    std::int64_t dimensions() const override { return 2; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<float>> embed(std::span<const std::vector<std::int64_t>> texts) override {
        if (fails_) return Error{.code = ErrorCode::internal, .message = "out of order"};
        std::vector<float> rows;
        for (const auto& text : texts)
            rows.insert(rows.end(), {0, static_cast<float>(text.size())});
        return rows;
    }

 private:
    bool fails_;
    TowerArithmetic arithmetic_;
};

class FlatTower final : public ImageTower {
 public:
    std::int64_t image_size() const override { return 32; }
    std::int64_t dimensions() const override { return 2; }
    double logit_scale() const override { return 100; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<float>> embed(std::span<const float>, std::int64_t count) override {
        return std::vector<float>(2 * static_cast<std::size_t>(count), 1.0F);
    }

 private:
    TowerArithmetic arithmetic_;
};

class SeaCaption final : public Captioner {
 public:
    std::int64_t image_size() const override { return 32; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<std::string>> caption(std::span<const float>, std::size_t) override {
        return std::vector<std::string>{"the sea"};
    }

 private:
    TowerArithmetic arithmetic_;
};

std::unique_ptr<PixelReader> pixels() {
    return std::make_unique<PixelReader>(PixelConfig{
        .resize = PixelConfig::Resize::exact, .resize_width = 32, .resize_height = 32, .center_crop = false});
}

ClipEncoder encoder(bool has_words, bool fails = false) {
    ClipParts parts;
    parts.modalities = {Modality::text, Modality::image};
    if (has_words) {
        parts.sound_words = std::make_unique<SoundWords>(std::make_unique<ByteTokenizer>(),
                                                         std::make_unique<LengthTower>(fails), "ear@1");
    }
    parts.text_stage =
        std::make_unique<TextStage>(std::make_unique<ByteTokenizer>(), 512, parts.sound_words.get());
    parts.text_tower = std::make_unique<LengthTower>();
    parts.picture_stage = std::make_unique<PictureStage>(pixels(), pixels());
    parts.image_tower = std::make_unique<FlatTower>();
    parts.captioner = std::make_unique<SeaCaption>();
    parts.models[Modality::text] = {.name = "reader@1", .fingerprint = "1", .head = {}};
    parts.models[Modality::image] = {.name = "eye@1", .fingerprint = "2", .head = {}};
    return ClipEncoder(std::move(parts));
}

/// All in one batch.
std::vector<Encoding> encode(ClipEncoder clip, const std::vector<std::string>& texts) {
    std::vector<std::unique_ptr<PreparedTask>> tasks;
    for (const std::string& text : texts) {
        auto prepared = clip.prepare(Modality::text, {.text = text, .lang = {}, .media = {}});
        EXPECT_TRUE(prepared);
        tasks.push_back(*std::move(prepared));
    }
    const test::Bytes photo = test::encode(test::draw_sunset(96, 64), ".jpg");
    auto prepared = clip.prepare(Modality::image, {.text = {}, .lang = {}, .media = test::as_media(photo)});
    EXPECT_TRUE(prepared);
    tasks.push_back(*std::move(prepared));
    std::vector<Encoding> encodings;
    for (EncodeResult& result : clip.encode(tasks)) {
        EXPECT_TRUE(result);
        encodings.push_back(result->front());
    }
    return encodings;
}

TEST(SoundWords, EnglishTextAndCaptionsHaveAPlaceAmongSounds) {
    const auto encodings = encode(encoder(true), {"a long evening at the sea with @someone", "so happy today",
                                                  "오늘 바다 너무 좋았다", "🌊🌊", std::string(400, 'a')});
    ASSERT_EQ(encodings.size(), 6U);
    const auto place = [&](std::size_t i) { return encodings[i].among_sounds; };
    ASSERT_TRUE(place(0));
    EXPECT_EQ(place(0)->model, "ear@1");
    EXPECT_THAT(place(0)->embedding, ElementsAre(0, 32)) << "without whom it is about";
    ASSERT_TRUE(place(1));
    EXPECT_THAT(place(1)->embedding, ElementsAre(0, 16)) << "each its own, whatever the order in the batch";
    EXPECT_THAT(encodings[1].embedding, ElementsAre(0, 16));
    EXPECT_FALSE(place(2)) << "the tower reads no Korean";
    EXPECT_FALSE(place(3)) << "there are no words";
    EXPECT_EQ(encodings.back().caption, "the sea");
    ASSERT_TRUE(encodings.back().among_sounds);
    EXPECT_THAT(encodings.back().among_sounds->embedding, ElementsAre(0, 9));
    EXPECT_EQ(SoundWords(std::make_unique<ByteTokenizer>(), std::make_unique<LengthTower>(), "ear@1")
                  .words(std::string(400, 'a'))
                  .size(),
              77U)
        << "as its captions";
}

TEST(SoundWords, WithoutThemNothingElseIsLost) {
    for (const bool fails : {false, true}) {
        const auto encodings = encode(encoder(fails, fails), {"so happy today"});
        ASSERT_EQ(encodings.size(), 2U);
        EXPECT_FALSE(encodings[0].among_sounds);
        EXPECT_THAT(encodings[0].embedding, ElementsAre(0, 16));
        EXPECT_FALSE(encodings[1].among_sounds);
        EXPECT_EQ(encodings[1].caption, "the sea");
    }
}

}  // namespace
}  // namespace bgm
