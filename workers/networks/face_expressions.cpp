#include "workers/networks/face_expressions.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "workers/networks/face_layers.hpp"
#include "workers/networks/network_weights.hpp"
#include "workers/networks/picture_input.hpp"
#include "workers/networks/softmax.hpp"

namespace bgm {
namespace {

constexpr std::string_view kStem = "@vladmandic/face-api/model/face_expression_model";
constexpr std::array<float, 3> kMean{122.782F, 117.001F, 104.298F};

// out1 = relu(conv0 x); then three times: the sum so far, through relu and a convolution, is added to the
// sum.
Result<ConvNet::Value> dense_block(ConvNet& net, const TensorMap& weights, int block,
                                   const ConvNet::Value& from) {
    const std::string name = "dense" + std::to_string(block) + "/conv";
    FaceLayer layer{.channels = std::int64_t{32} << block, .stride = 2, .after = Rectifier::relu};
    const auto sum = block == 0 ? add_convolution(net, weights, name + "0", from, layer)
                                : add_separable(net, weights, name + "0", from, layer);
    if (!sum) return sum;
    layer = {.channels = layer.channels, .onto = *sum};
    for (int i = 1; i <= 3; ++i) {
        layer.ends = i != 1;  // of the first the input is the sum itself
        const ConvNet::Value input = layer.ends ? net.relu(*sum) : *sum;
        const auto added = add_separable(net, weights, name + std::to_string(i), input, layer);
        if (!added) return added;
    }
    const ConvNet::Value result = net.relu(*sum);
    net.release(*sum);
    return result;
}

Result<ConvNet> build(const TensorMap& weights) {
    ConvNet net(FaceExpressionNet::kSide, FaceExpressionNet::kSide, 3);
    ConvNet::Value value = net.input();
    for (int block = 0; block < 4; ++block) {
        const auto next = dense_block(net, weights, block, value);
        if (!next) return next.error();
        value = *next;
    }
    const auto matrix = find_tensor(weights, "fc/weights", {256, 7});
    const auto bias = find_tensor(weights, "fc/bias", {7});
    if (!matrix) return matrix.error();
    if (!bias) return bias.error();
    const Tensor pointwise{.shape = {1, 1, 256, 7}, .values = (*matrix)->values};
    net.keep(net.convolve(net.mean(value), {.weight = pointwise, .bias = *bias}));
    net.finish();
    return net;
}

}  // namespace

Result<FaceExpressionNet> FaceExpressionNet::open(const std::filesystem::path& packages) {
    const auto weights = read_face_weights(packages, kStem);
    if (!weights) return weights.error();
    auto net = build(*weights);
    if (!net) return net.error();
    return FaceExpressionNet(std::move(*net));
}

Expressions FaceExpressionNet::run() {
    const std::span<float> pixels = net_.pixels();
    for (std::size_t i = 0; i < pixels.size(); i += 3) {
        for (std::size_t channel = 0; channel < 3; ++channel)
            pixels[i + channel] = (pixels[i + channel] - kMean[channel]) / 255.0F;
    }
    net_.run();
    return softmax<7>(net_.result(0));
}

Expressions FaceExpressionNet::run(std::span<const float> pixels) {
    std::ranges::copy(pixels, net_.pixels().begin());
    return run();
}

Expressions FaceExpressionNet::read(const RgbImage& picture, const Face& face) {
    const auto inside = [](float share, int extent) {
        return static_cast<int>(
            std::clamp(std::floor(share * static_cast<float>(extent)), 0.0F, static_cast<float>(extent)));
    };
    const int left = std::min(inside(face.left, picture.width), picture.width - 1);
    const int top = std::min(inside(face.top, picture.height), picture.height - 1);
    const int right = std::max(inside(face.left + face.width, picture.width), left + 1);
    const int bottom = std::max(inside(face.top + face.height, picture.height), top + 1);
    fit_into_square(picture, {left, top, right - left, bottom - top}, kSide, SquarePlace::centre,
                    net_.pixels());
    return run();
}

}  // namespace bgm
