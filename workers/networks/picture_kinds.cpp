#include "workers/networks/picture_kinds.hpp"

#include <algorithm>
#include <string>

#include "workers/networks/network_weights.hpp"
#include "workers/networks/picture_input.hpp"
#include "workers/networks/softmax.hpp"

namespace bgm {
namespace {

constexpr std::string_view kPrefix =
    "StatefulPartitionedCall/sequential/keras_layer/StatefulPartitionedCall/StatefulPartitionedCall/"
    "StatefulPartitionedCall/predict/MobilenetV2/";

// A group of blocks of the same width (table 2 of the paper, with 1.4 times the channels, in eights).
struct Group {
    int blocks;
    std::int64_t channels, stride;  // the stride is of the first block
};
constexpr std::array<Group, 7> kGroups{
    {{1, 24, 1}, {2, 32, 2}, {3, 48, 2}, {4, 88, 2}, {3, 136, 1}, {3, 224, 2}, {1, 448, 1}}};

/// Weights and offsets of one layer, the batch normalisation folded into both.
struct Layer {
    const Tensor* weight;
    const Tensor* bias;
};
Result<Layer> layer_of(const TensorMap& weights, const std::string& name, const char* kind,
                       const std::vector<std::int64_t>& shape) {
    const std::string path = std::string(kPrefix) + name + "/" + kind;
    const std::int64_t channels = shape[3] == 1 ? shape[2] : shape[3];
    const auto weight = find_tensor(weights, path + "_weights", shape);
    if (!weight) return weight.error();
    const auto bias = find_tensor(weights, path + "_bn_offset", {channels});
    if (!bias) return bias.error();
    return Layer{*weight, *bias};
}

// Widens, looks at each channel alone, narrows; where nothing changes its size the input is added.
Result<ConvNet::Value> block(ConvNet& net, const TensorMap& weights, int index, const ConvNet::Value& from,
                             std::int64_t channels, std::int64_t stride) {
    std::string name = "expanded_conv";
    if (index > 0) name.append("_").append(std::to_string(index));
    ConvNet::Value wide = from;
    if (index > 0) {
        const auto expand =
            layer_of(weights, name + "/expand", "Conv2D", {1, 1, from.channels, 6 * from.channels});
        if (!expand) return expand.error();
        wide =
            net.convolve(from, {.weight = *expand->weight, .bias = expand->bias, .after = Rectifier::relu6});
    }
    const auto apart = layer_of(weights, name + "/depthwise", "depthwise", {3, 3, wide.channels, 1});
    const auto project = layer_of(weights, name + "/project", "Conv2D", {1, 1, wide.channels, channels});
    if (!apart) return apart.error();
    if (!project) return project.error();
    const bool added = stride == 1 && from.channels == channels;
    const ConvNet::Value filtered = net.convolve(wide, {.weight = *apart->weight,
                                                        .bias = apart->bias,
                                                        .stride = stride,
                                                        .depthwise = true,
                                                        .after = Rectifier::relu6});
    net.release(wide);
    ConvNet::Convolution narrow{.weight = *project->weight, .bias = project->bias};
    if (added) narrow.onto = from;
    const ConvNet::Value result = net.convolve(filtered, narrow);
    net.release(filtered);
    if (!added && index > 0) net.release(from);
    return result;
}

Result<ConvNet> build(const TensorMap& weights) {
    ConvNet net(PictureKindNet::kSide, PictureKindNet::kSide, 3);
    const auto first = layer_of(weights, "Conv", "Conv2D", {3, 3, 3, 48});
    if (!first) return first.error();
    ConvNet::Value value = net.convolve(
        net.input(), {.weight = *first->weight, .bias = first->bias, .stride = 2, .after = Rectifier::relu6});
    int index = 0;
    for (const Group& group : kGroups) {
        for (int i = 0; i < group.blocks; ++i, ++index) {
            const auto next = block(net, weights, index, value, group.channels, i == 0 ? group.stride : 1);
            if (!next) return next.error();
            value = *next;
        }
    }
    const auto last = layer_of(weights, "Conv_1", "Conv2D", {1, 1, value.channels, 1792});
    const auto matrix = find_tensor(weights, "Func/StatefulPartitionedCall/input/_262", {1792, 5});
    const auto bias = find_tensor(weights, "Func/StatefulPartitionedCall/input/_263", {5});
    if (!last) return last.error();
    if (!matrix) return matrix.error();
    if (!bias) return bias.error();
    value = net.convolve(value, {.weight = *last->weight, .bias = last->bias, .after = Rectifier::relu6});
    const Tensor pointwise{.shape = {1, 1, 1792, 5}, .values = (*matrix)->values};
    net.keep(net.convolve(net.mean(value), {.weight = pointwise, .bias = *bias}));
    net.finish();
    return net;
}

}  // namespace

Result<PictureKindNet> PictureKindNet::open(const std::filesystem::path& packages) {
    const auto weights = read_kind_weights(packages);
    if (!weights) return weights.error();
    auto net = build(*weights);
    if (!net) return net.error();
    return PictureKindNet(std::move(*net));
}

KindShares PictureKindNet::run() {
    for (float& value : net_.pixels())
        value = value / 127.5F - 1.0F;
    net_.run();
    return softmax<5>(net_.result(0));
}

KindShares PictureKindNet::run(std::span<const float> pixels) {
    std::ranges::copy(pixels, net_.pixels().begin());
    return run();
}

KindShares PictureKindNet::read(const RgbImage& picture) {
    scale_picture(picture, {0, 0, picture.width, picture.height}, kSide, kSide, net_.pixels());
    return run();
}

}  // namespace bgm
