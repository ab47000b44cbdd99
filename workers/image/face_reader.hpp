// Faces in pictures as evidence of a mood: how many there are, and what they show.
//
// An expression is what a face looks like, not what its owner feels; the head speaks weakly for that. A
// FaceReader has the two networks and is used by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/face_detector.hpp"
#include "workers/networks/face_expressions.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// Names the seven shares, in the order of kExpressionNames.
inline constexpr std::string_view kFacesModel = "faces-1";

/// What was seen of faces in one picture, or in several of one film.
class FacesSeen {
 public:
    struct Shown {
        Face face;
        Expressions expressions;
    };
    void add(std::span<const Shown> faces);

    /// Nothing where there was no face, or in a film perhaps one in a single picture. `modality`: of the
    /// asset.
    std::optional<Encoding> encoding(Modality modality) const;

 private:
    std::array<double, kExpressionNames.size()> sums_{};
    double weights_ = 0;
    double evidence_ = 0;  // of all pictures together
    std::size_t pictures_ = 0;
    std::size_t pictures_with_faces_ = 0;
    float surest_ = 0;
    std::size_t most_ = 0;  // in one picture
};

class FaceReader {
 public:
    /// Errors as FaceDetector::open().
    static Result<FaceReader> open(const std::filesystem::path& packages);

    /// Looks for the faces of one more picture, which is consistent and not empty.
    void look(const RgbImage& picture, FacesSeen& seen);

    /// The mood head that reads the encoding of such an asset.
    static std::string head();

 private:
    FaceReader(FaceDetector detector, FaceExpressionNet expressions)
        : detector_(std::move(detector)), expressions_(std::move(expressions)) {}

    FaceDetector detector_;
    FaceExpressionNet expressions_;
};

}  // namespace bgm
