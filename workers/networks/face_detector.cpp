#include "workers/networks/face_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "workers/networks/face_layers.hpp"
#include "workers/networks/face_plausibility.hpp"
#include "workers/networks/network_weights.hpp"
#include "workers/networks/picture_input.hpp"

namespace bgm {
namespace {

constexpr std::string_view kStem = "@vladmandic/face-api/model/tiny_face_detector_model";
constexpr std::array<float, 3> kMean{117.001F, 114.697F, 97.404F};
constexpr float kScoreMin = 0.6F;
constexpr float kOverlapMax = 0.4F;
constexpr float kGrowthMax = 10;  // no box is infinite

struct Anchor {
    float width, height;  // in cells
};
constexpr std::array<Anchor, 5> kAnchors{{{1.603231F, 2.094468F},
                                          {6.041143F, 7.080126F},
                                          {2.882459F, 3.518061F},
                                          {4.266906F, 5.178857F},
                                          {9.041765F, 10.66308F}}};

float sigmoid(float x) {
    return 1.0F / (1.0F + std::exp(-x));
}

// Intersection over union.
float overlap(const Face& one, const Face& other) {
    const float width =
        std::min(one.left + one.width, other.left + other.width) - std::max(one.left, other.left);
    const float height =
        std::min(one.top + one.height, other.top + other.height) - std::max(one.top, other.top);
    if (width <= 0 || height <= 0) return 0;
    const float shared = width * height;
    return shared / (one.width * one.height + other.width * other.height - shared);
}

Result<ConvNet> build(const TensorMap& weights) {
    ConvNet net(FaceDetector::kSide, FaceDetector::kSide, 3);
    auto value = add_convolution(net, weights, "conv0", net.input(),
                                 {.channels = 16, .same = false, .after = Rectifier::leaky, .ends = false});
    for (int block = 1; block <= 5; ++block) {
        if (!value) return value.error();
        const ConvNet::Value pooled = net.max_pool(*value, 2, 2);
        net.release(*value);
        value = add_separable(net, weights, "conv" + std::to_string(block), pooled,
                              {.channels = 2 * pooled.channels, .after = Rectifier::leaky});
    }
    if (!value) return value.error();
    const auto last = add_convolution(net, weights, "conv8", net.max_pool(*value, 2, 1),
                                      {.channels = FaceDetector::kNumbersOfCell, .side = 1});
    if (!last) return last.error();
    net.keep(*last);
    net.finish();
    return net;
}

}  // namespace

Result<FaceDetector> FaceDetector::open(const std::filesystem::path& packages) {
    const auto weights = read_face_weights(packages, kStem);
    if (!weights) return weights.error();
    auto net = build(*weights);
    if (!net) return net.error();
    return FaceDetector(std::move(*net));
}

std::span<const float> FaceDetector::run() {
    const std::span<float> pixels = net_.pixels();
    for (std::size_t i = 0; i < pixels.size(); i += 3) {
        for (std::size_t channel = 0; channel < 3; ++channel)
            pixels[i + channel] = (pixels[i + channel] - kMean[channel]) / 255.0F;
    }
    net_.run();
    return net_.result(0);
}

std::span<const float> FaceDetector::run(std::span<const float> pixels) {
    std::ranges::copy(pixels, net_.pixels().begin());
    return run();
}

std::vector<Face> FaceDetector::find(const RgbImage& picture, std::size_t most) {
    const Fit fit = fit_into_square(picture, kSide, SquarePlace::upper_left, net_.pixels());
    const std::span<const float> cells = run();
    // The square's share that the picture fills.
    const float across = static_cast<float>(kSide) / static_cast<float>(fit.width);
    const float down = static_cast<float>(kSide) / static_cast<float>(fit.height);
    std::vector<Face> candidates;
    for (int row = 0; row < kCells; ++row) {
        for (int column = 0; column < kCells; ++column) {
            for (std::size_t anchor = 0; anchor < kAnchors.size(); ++anchor) {
                const float* box =
                    &cells[static_cast<std::size_t>(row * kCells + column) * kNumbersOfCell + anchor * 5];
                Face face{.score = sigmoid(box[4])};
                if (!(face.score > kScoreMin)) continue;
                face.width =
                    std::exp(std::min(box[2], kGrowthMax)) * kAnchors[anchor].width / kCells * across;
                face.height =
                    std::exp(std::min(box[3], kGrowthMax)) * kAnchors[anchor].height / kCells * down;
                face.left = (static_cast<float>(column) + sigmoid(box[0])) / kCells * across - face.width / 2;
                face.top = (static_cast<float>(row) + sigmoid(box[1])) / kCells * down - face.height / 2;
                candidates.push_back(face);
            }
        }
    }
    std::ranges::stable_sort(candidates, std::greater{}, &Face::score);
    std::vector<Face> faces;
    for (const Face& face : candidates) {
        if (faces.size() == most) break;
        const bool again =
            std::ranges::any_of(faces, [&](const Face& surer) { return overlap(surer, face) > kOverlapMax; });
        if (!again && can_be_a_face(picture, face)) faces.push_back(face);
    }
    return faces;
}

}  // namespace bgm
