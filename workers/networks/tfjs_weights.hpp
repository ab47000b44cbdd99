// Weights as TensorFlow.js keeps them: a manifest (JSON) names tensors with shape and type, and the data
// holds them one behind the other. A tensor may be quantised to 8 or 16 bits: value = stored * scale + min,
// computed in double and rounded once, as the converter's own reader does.
//
// Both parts are untrusted. Plain functions, callable from any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/networks/tensor_map.hpp"

namespace bgm {

/// Shapes have at most 4 dimensions, all 1 or more. `corrupt` where the manifest is no such JSON, names a
/// tensor twice, or the data does not hold exactly what it promises; `too_large` past 1,024 tensors or 32
/// million numbers; `unsupported` for another type. No memory is taken for a tensor that the data does not
/// hold.
Result<TensorMap> read_tfjs_weights(std::string_view manifest_json, std::span<const std::byte> data);

}  // namespace bgm
