// The weights of a network by name. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct Tensor {
    std::vector<std::int64_t> shape;  // row-major; none: one number
    std::vector<float> values;        // as many as the shape says, all finite
};

using TensorMap = std::map<std::string, Tensor, std::less<>>;

/// The tensor of that name and shape; `corrupt`, with the name as the field, where there is none.
Result<const Tensor*> find_tensor(const TensorMap& tensors, std::string_view name,
                                  const std::vector<std::int64_t>& shape);

}  // namespace bgm
