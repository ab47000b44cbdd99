// Where faces are in a picture: the TinyFaceDetector of the npm package @vladmandic/face-api (MIT), a
// separable Tiny YOLO v2 (Redmon and Farhadi 2017) with one class, at 416 x 416.
//
// The picture lies in the upper left of the square, scaled by its longer side; what is left is black. Used by
// one thread; everything is compiled when it is opened.
#pragma once

#include <filesystem>
#include <vector>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/conv_net.hpp"

namespace bgm {

/// In shares of the picture's width and height; may reach beyond it.
struct Face {
    float left = 0, top = 0, width = 0, height = 0;
    float score = 0;  // 0..1, how sure it is that this is one
};

class FaceDetector {
 public:
    static constexpr int kSide = 416;
    static constexpr int kCells = 13;
    static constexpr int kNumbersOfCell = 25;  // five boxes of x, y, width, height and score

    /// Reads the network's files below the folder of the packages. Errors as read_network_file()'s and
    /// read_tfjs_weights()'s.
    static Result<FaceDetector> open(const std::filesystem::path& packages);

    /// Faces that score above 0.6 and can be ones (face_plausibility.hpp), the surest first; of two that
    /// share more than 0.4 of their area together, the surer one. At most `most`. `picture` is consistent and
    /// not empty.
    std::vector<Face> find(const RgbImage& picture, std::size_t most);

    /// The network alone: [416, 416, 3], 0 to 255, in; [13, 13, 25] out, until the next call.
    std::span<const float> run(std::span<const float> pixels);

 private:
    explicit FaceDetector(ConvNet net) : net_(std::move(net)) {}
    std::span<const float> run();

    ConvNet net_;
};

}  // namespace bgm
