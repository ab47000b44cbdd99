// What the two networks of face-api are made of, with the names that its weights have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "workers/networks/conv_net.hpp"

namespace bgm {

struct FaceLayer {
    std::int64_t channels;  // of the result
    std::int64_t side = 3;  // of a filter
    std::int64_t stride = 1;
    bool same = true;
    Rectifier after = Rectifier::none;
    std::optional<ConvNet::Value> onto = std::nullopt;  // see ConvNet::Convolution
    bool ends = true;                                   // no further layer needs `from`
};

/// NAME/filters and NAME/bias. Errors as find_tensor()'s.
Result<ConvNet::Value> add_convolution(ConvNet& net, const TensorMap& weights, const std::string& name,
                                       const ConvNet::Value& from, const FaceLayer& layer);

/// NAME/depthwise_filter, then NAME/pointwise_filter and NAME/bias, without anything between them.
Result<ConvNet::Value> add_separable(ConvNet& net, const TensorMap& weights, const std::string& name,
                                     const ConvNet::Value& from, const FaceLayer& layer);

}  // namespace bgm
