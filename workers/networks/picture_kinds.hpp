// What kind of picture it is: the MobileNet v2 (Sandler et al. 2018; width 1.4, 224 x 224) of the npm package
// nsfwjs (MIT), its model "mid", in five classes.
//
// Used by one thread; everything is compiled when it is opened.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/conv_net.hpp"

namespace bgm {

inline constexpr std::array<std::string_view, 5> kPictureKinds{"drawing", "hentai", "neutral", "porn",
                                                               "sexy"};
/// In the order of kPictureKinds; 0..1, together 1.
using KindShares = std::array<float, 5>;

class PictureKindNet {
 public:
    static constexpr int kSide = 224;

    /// As FaceDetector::open().
    static Result<PictureKindNet> open(const std::filesystem::path& packages);

    /// `picture` is consistent and not empty; it is scaled to a square, whatever its shape.
    KindShares read(const RgbImage& picture);

    /// The network alone: [224, 224, 3], 0 to 255.
    KindShares run(std::span<const float> pixels);

 private:
    explicit PictureKindNet(ConvNet net) : net_(std::move(net)) {}
    KindShares run();

    ConvNet net_;
};

}  // namespace bgm
