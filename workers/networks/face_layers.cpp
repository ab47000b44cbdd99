#include "workers/networks/face_layers.hpp"

namespace bgm {

Result<ConvNet::Value> add_convolution(ConvNet& net, const TensorMap& weights, const std::string& name,
                                       const ConvNet::Value& from, const FaceLayer& layer) {
    const auto filters =
        find_tensor(weights, name + "/filters", {layer.side, layer.side, from.channels, layer.channels});
    if (!filters) return filters.error();
    const auto bias = find_tensor(weights, name + "/bias", {layer.channels});
    if (!bias) return bias.error();
    const ConvNet::Value result = net.convolve(from, {.weight = **filters,
                                                      .bias = *bias,
                                                      .stride = layer.stride,
                                                      .same = layer.same,
                                                      .after = layer.after,
                                                      .onto = layer.onto});
    if (layer.ends) net.release(from);
    return result;
}

Result<ConvNet::Value> add_separable(ConvNet& net, const TensorMap& weights, const std::string& name,
                                     const ConvNet::Value& from, const FaceLayer& layer) {
    const auto depthwise =
        find_tensor(weights, name + "/depthwise_filter", {layer.side, layer.side, from.channels, 1});
    if (!depthwise) return depthwise.error();
    const auto pointwise =
        find_tensor(weights, name + "/pointwise_filter", {1, 1, from.channels, layer.channels});
    if (!pointwise) return pointwise.error();
    const auto bias = find_tensor(weights, name + "/bias", {layer.channels});
    if (!bias) return bias.error();
    const ConvNet::Value apart = net.convolve(
        from, {.weight = **depthwise, .stride = layer.stride, .same = layer.same, .depthwise = true});
    if (layer.ends) net.release(from);
    const ConvNet::Value result =
        net.convolve(apart, {.weight = **pointwise, .bias = *bias, .after = layer.after, .onto = layer.onto});
    net.release(apart);
    return result;
}

}  // namespace bgm
