#include "workers/image/face_reader.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "workers/heads/shares_head.hpp"

namespace bgm {
namespace {

// More faces than these are a crowd, of which each says little.
constexpr std::size_t kFacesMax = 8;
// A face of a quarter of the picture's height is what the picture is about.
constexpr float kWholeFace = 0.25F;
// A face that shows nothing says little about a mood.
constexpr float kOfNeutral = 0.7F;
// Of so many pictures of a film one alone has a face only if it is sure to be one: what is there stays there.
constexpr std::size_t kFilmPictures = 3;
constexpr float kSureAlone = 0.8F;
// Less than this is worth no opinion, but a fact all the same.
constexpr float kQualityMin = 0.15F;

float weight_of(const Face& face) {
    const float side = std::sqrt(std::clamp(face.width, 0.0F, 1.0F) * std::clamp(face.height, 0.0F, 1.0F));
    return std::min(side / kWholeFace, 1.0F) * face.score;
}

// What faces say of a post's valence, as a share of what its text does: r 0.31 beside 0.43 (docs/fusion.md).
constexpr float kPrecision = 0.7F;

// Which moods an expression speaks for. Set by hand: where the six basic expressions lie on the plane of
// valence and arousal follows Russell and Bullock 1985; the moods are those that lie there. How strongly:
// weakly, since people smile for the camera.
std::vector<ClassReading> readings() {
    return {
        // neutral
        {{{Mood::calm, 0.15F}, {Mood::dreamy, 0.12F}, {Mood::beautiful, 0.12F}, {Mood::joyful, 0.09F}},
         {0.05F, -0.1F}},
        // happy
        {{{Mood::joyful, 0.34F},
          {Mood::amusing, 0.15F},
          {Mood::beautiful, 0.10F},
          {Mood::energizing, 0.09F},
          {Mood::triumphant, 0.08F},
          {Mood::calm, 0.06F},
          {Mood::dreamy, 0.05F},
          {Mood::erotic, 0.03F}},
         {0.5F, 0.2F}},
        // sad
        {{{Mood::sad, 0.42F},
          {Mood::anxious, 0.10F},
          {Mood::dreamy, 0.10F},
          {Mood::beautiful, 0.07F},
          {Mood::calm, 0.06F}},
         {-0.4F, -0.3F}},
        // angry
        {{{Mood::indignant, 0.30F},
          {Mood::annoying, 0.20F},
          {Mood::energizing, 0.10F},
          {Mood::scary, 0.08F},
          {Mood::triumphant, 0.06F},
          {Mood::anxious, 0.06F}},
         {-0.4F, 0.4F}},
        // fearful
        {{{Mood::scary, 0.30F}, {Mood::anxious, 0.32F}, {Mood::sad, 0.08F}}, {-0.4F, 0.45F}},
        // disgusted
        {{{Mood::annoying, 0.34F}, {Mood::indignant, 0.22F}, {Mood::scary, 0.08F}, {Mood::sad, 0.07F}},
         {-0.4F, 0.1F}},
        // surprised
        {{{Mood::amusing, 0.18F},
          {Mood::energizing, 0.14F},
          {Mood::joyful, 0.12F},
          {Mood::anxious, 0.11F},
          {Mood::scary, 0.09F},
          {Mood::triumphant, 0.08F}},
         {0.05F, 0.45F}},
    };
}

}  // namespace

void FacesSeen::add(std::span<const Shown> faces) {
    ++pictures_;
    most_ = std::max(most_, faces.size());
    pictures_with_faces_ += faces.empty() ? 0 : 1;
    float evidence = 0;
    for (const Shown& shown : faces) {
        const float weight = weight_of(shown.face);
        evidence += weight;
        surest_ = std::max(surest_, shown.face.score);
        weights_ += weight;
        for (std::size_t i = 0; i < sums_.size(); ++i)
            sums_[i] += weight * shown.expressions[i];
    }
    evidence_ += std::min(evidence, 1.0F);
}

std::optional<Encoding> FacesSeen::encoding(Modality modality) const {
    if (weights_ <= 0) return std::nullopt;
    if (pictures_ >= kFilmPictures && pictures_with_faces_ == 1 && surest_ < kSureAlone) return std::nullopt;
    Encoding encoding;
    encoding.modality = modality;
    encoding.model = kFacesModel;
    for (const double sum : sums_)
        encoding.embedding.push_back(static_cast<float>(sum / weights_));
    const float neutral = encoding.embedding.front();
    const auto evidence = static_cast<float>(evidence_ / static_cast<double>(pictures_));
    encoding.quality = std::max(evidence * (1 - kOfNeutral * neutral), kQualityMin);
    encoding.facts["faces"] = static_cast<float>(most_);
    encoding.facts["smiling"] = encoding.embedding[1];
    for (std::size_t i = 2; i < kExpressionNames.size(); ++i)
        encoding.facts["face_" + std::string(kExpressionNames[i])] = encoding.embedding[i];
    return encoding;
}

Result<FaceReader> FaceReader::open(const std::filesystem::path& packages) {
    auto detector = FaceDetector::open(packages);
    if (!detector) return detector.error();
    auto expressions = FaceExpressionNet::open(packages);
    if (!expressions) return expressions.error();
    return FaceReader(*std::move(detector), *std::move(expressions));
}

void FaceReader::look(const RgbImage& picture, FacesSeen& seen) {
    std::vector<FacesSeen::Shown> shown;
    for (const Face& face : detector_.find(picture, kFacesMax))
        shown.push_back({.face = face, .expressions = expressions_.read(picture, face)});
    seen.add(shown);
}

std::string FaceReader::head() {
    const std::vector<ClassReading> all = readings();
    return write_shares_head(
        {.model = kFacesModel, .modality = Modality::image, .precision = kPrecision, .licence = "MIT"}, all);
}

}  // namespace bgm
