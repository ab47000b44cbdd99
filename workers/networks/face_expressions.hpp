// What a face shows: the FaceExpressionNet of the npm package @vladmandic/face-api (MIT), four dense blocks
// of separable convolutions at 112 x 112.
//
// An expression is what a face looks like, not what its owner feels. Used by one thread; everything is
// compiled when it is opened.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/conv_net.hpp"
#include "workers/networks/face_detector.hpp"

namespace bgm {

inline constexpr std::array<std::string_view, 7> kExpressionNames{"neutral", "happy",     "sad",      "angry",
                                                                  "fearful", "disgusted", "surprised"};
/// In the order of kExpressionNames; 0..1, together 1.
using Expressions = std::array<float, 7>;

class FaceExpressionNet {
 public:
    static constexpr int kSide = 112;

    /// As FaceDetector::open().
    static Result<FaceExpressionNet> open(const std::filesystem::path& packages);

    /// Of one face that lies in the picture at least in part.
    Expressions read(const RgbImage& picture, const Face& face);

    /// The network alone: [112, 112, 3], 0 to 255.
    Expressions run(std::span<const float> pixels);

 private:
    explicit FaceExpressionNet(ConvNet net) : net_(std::move(net)) {}
    Expressions run();

    ConvNet net_;
};

}  // namespace bgm
