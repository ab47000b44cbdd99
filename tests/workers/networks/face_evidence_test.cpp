// What faces show becomes evidence of a mood through a head that its worker brings: weak evidence, since an
// expression is not a feeling, and none where no face is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "fusion/mood/head.hpp"
#include "tests/workers/networks/packages.hpp"
#include "workers/image/face_reader.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/image/kind_reader.hpp"
#include "workers/image/picture_networks.hpp"

namespace {

using namespace bgm;

LinearHead head_of(const std::string& bytes) {
    auto head = LinearHead::parse(std::as_bytes(std::span(bytes)));
    EXPECT_TRUE(head) << head.error().to_string();
    return std::move(head).value();
}

// One large face, sure of one expression.
Encoding showing(std::size_t expression, float size = 0.5F, float score = 1) {
    FacesSeen seen;
    FacesSeen::Shown shown{.face = {0.1F, 0.1F, size, size, score}, .expressions = {}};
    shown.expressions[expression] = 1;
    seen.add({&shown, 1});
    return seen.encoding(Modality::image).value();
}

Evidence evidence_of(const Encoding& encoding) {
    static const LinearHead head = head_of(FaceReader::head());
    EXPECT_EQ(head.model(), encoding.model);
    return head.read(encoding.embedding, encoding.quality).value();
}

Mood top(const Evidence& evidence) {
    return static_cast<Mood>(std::ranges::max_element(evidence.mood) - evidence.mood.begin());
}

TEST(FaceEvidence, LeansWhereTheExpressionLies) {
    const std::array<Mood, 7> expected{Mood::calm,    Mood::joyful,   Mood::sad,    Mood::indignant,
                                       Mood::anxious, Mood::annoying, Mood::amusing};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(top(evidence_of(showing(i))), expected[i]) << kExpressionNames[i];
    EXPECT_GT(evidence_of(showing(1)).affect.valence, 0.3F);
    for (const std::size_t unpleasant : {2, 3, 4, 5})
        EXPECT_LT(evidence_of(showing(unpleasant)).affect.valence, -0.3F) << kExpressionNames[unpleasant];
}

TEST(FaceEvidence, IsWeakerWhereLessIsSeen) {
    const float whole = evidence_of(showing(1)).precision;
    EXPECT_LE(whole, 0.7F);
    EXPECT_LT(evidence_of(showing(1, 0.1F)).precision, whole) << "a small face";
    EXPECT_LT(evidence_of(showing(1, 0.5F, 0.6F)).precision, whole) << "perhaps a face";
    EXPECT_LT(evidence_of(showing(0)).precision, whole / 2) << "a face that shows nothing";
}

TEST(FaceEvidence, IsThereOnlyWithAFace) {
    FacesSeen seen;
    seen.add({});
    EXPECT_FALSE(seen.encoding(Modality::image));
}

TEST(FaceEvidence, OfAFilmIsThatOfAllItsPictures) {
    FacesSeen seen;
    FacesSeen::Shown shown{.face = {0.1F, 0.1F, 0.5F, 0.5F, 1}, .expressions = {0, 1, 0, 0, 0, 0, 0}};
    seen.add(std::vector{shown, shown});
    seen.add({});
    const Encoding film = seen.encoding(Modality::video).value();
    EXPECT_EQ(film.modality, Modality::video);
    EXPECT_EQ(film.facts.at("faces"), 2) << "the most in one picture";
    EXPECT_EQ(film.facts.at("smiling"), 1);
    EXPECT_FLOAT_EQ(film.quality, 0.5F) << "in half of the pictures";
}

TEST(FaceEvidence, OfAFilmNeedsASecondPictureWhereTheFirstIsNotSure) {
    FacesSeen::Shown shown{.face = {0.1F, 0.1F, 0.5F, 0.5F, 0.7F}, .expressions = {0, 1, 0, 0, 0, 0, 0}};
    const auto seen = [&](std::size_t with, std::size_t without) {
        FacesSeen faces;
        for (std::size_t i = 0; i < with; ++i)
            faces.add({&shown, 1});
        for (std::size_t i = 0; i < without; ++i)
            faces.add({});
        return faces.encoding(Modality::video).has_value();
    };
    EXPECT_TRUE(seen(1, 0)) << "a photo";
    EXPECT_FALSE(seen(1, 5));
    EXPECT_TRUE(seen(2, 4));
    shown.face.score = 0.9F;
    EXPECT_TRUE(seen(1, 5));
}

TEST(KindEvidence, IsErotic) {
    const LinearHead head = head_of(KindReader::head());
    EXPECT_EQ(head.model(), kKindsModel);
    for (const std::size_t kind : {1, 3, 4}) {
        std::vector<float> shares(kPictureKinds.size());
        shares[kind] = 1;
        EXPECT_EQ(top(head.read(shares, 1).value()), Mood::erotic) << kPictureKinds[kind];
    }
}

TEST(FaceEvidence, OfAFilmComesFromPicturesOverAllOfIt) {
    BGM_NEEDS_PACKAGES();
    PictureNetworks networks = PictureNetworks::open(installed_packages());
    const RgbImage friends = sample_picture(6);
    RgbImage black = friends;
    std::ranges::fill(black.pixels, 0);
    std::vector<VideoFrame> frames(16, VideoFrame{.image = black});
    Encoding known{.modality = Modality::video};
    EXPECT_TRUE(networks.look(frames, known).empty());
    for (std::size_t i = 8; i < frames.size(); ++i)
        frames[i].image = friends;
    const auto seen = networks.look(frames, known);
    ASSERT_EQ(seen.size(), 1);
    EXPECT_EQ(seen.front().modality, Modality::video);
    EXPECT_EQ(seen.front().facts.at("faces"), 5);
    const auto still = networks.look(friends, known);
    EXPECT_NEAR(seen.front().quality, still.front().quality / 2, 1e-3) << "in half of the pictures";
    EXPECT_TRUE(known.facts.contains("not_safe_for_work"));
    EXPECT_TRUE(networks.look(std::span<const VideoFrame>(), known).empty());
}

TEST(FaceEvidence, ComesBesideThatOfThePicture) {
    BGM_NEEDS_PACKAGES();
    const std::string file = sample_file(6);
    const EncodeTask task{.text = {}, .lang = {}, .media = std::as_bytes(std::span(file))};
    const auto with = std::move(make_image_encoder({.models = {}, .packages = installed_packages()}).value());
    EXPECT_EQ(with->heads().size(), 2);
    const auto seen = with->encode({&task, 1}).front();
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->size(), 2);
    EXPECT_EQ(seen->at(0).model, with->model());
    EXPECT_LT(seen->at(0).facts.at("not_safe_for_work"), 0.5F);
    EXPECT_EQ(seen->at(1).model, kFacesModel);
    EXPECT_EQ(seen->at(1).facts.at("faces"), 5);
    EXPECT_GT(seen->at(1).facts.at("smiling"), 0.5F);

    const auto without = std::move(make_image_encoder({}).value());
    EXPECT_TRUE(without->heads().empty());
    const auto plain = without->encode({&task, 1}).front();
    ASSERT_TRUE(plain);
    ASSERT_EQ(plain->size(), 1) << "as before, where the packages are not installed";
    EXPECT_FALSE(plain->front().facts.contains("not_safe_for_work"));
}

}  // namespace
