// The named numbers in an ONNX file. What the network computes with them is for the caller to know: no
// operator is read, so that a file can change numbers and nothing else.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/networks/tensor_map.hpp"

namespace bgm {

/// The float tensors of one graph, by name: its initializers and its constants.
using OnnxGraph = TensorMap;

inline constexpr std::size_t kOnnxBytesMax = std::size_t{8} << 20U;

/// The graph, then those inside it (the branches of an If), outermost first; graphs without a named float
/// tensor are left out. Tensors of other types and without a name, as small constants are, are not read.
/// Errors: `corrupt` where the bytes are no ONNX model, where a tensor does not have the bytes that its shape
/// asks for, or a number is not finite, or a name stands twice; `too_large` past kOnnxBytesMax, checked
/// before anything is parsed; nothing named: `not_found`.
Result<std::vector<OnnxGraph>> parse_onnx_weights(std::span<const std::byte> file);

}  // namespace bgm
