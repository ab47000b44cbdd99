// The named numbers in an ONNX file. What the network computes with them is for the caller to know: no
// operator is read, so that a file can change numbers and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct OnnxTensor {
    std::vector<std::int64_t> shape;  // row-major
    std::vector<float> values;        // as many as the shape says, all finite
};

/// The float tensors of one graph, by name: its initializers and its constants.
using OnnxGraph = std::map<std::string, OnnxTensor, std::less<>>;

inline constexpr std::size_t kOnnxBytesMax = std::size_t{8} << 20U;

/// The graph, then those inside it (the branches of an If), outermost first; graphs without a named float
/// tensor are left out. Tensors of other types and without a name, as small constants are, are not read.
/// Errors: `corrupt` where the bytes are no ONNX model, where a tensor does not have the bytes that its shape
/// asks for, or a number is not finite, or a name stands twice; `too_large` past kOnnxBytesMax, checked
/// before anything is parsed; nothing named: `not_found`.
Result<std::vector<OnnxGraph>> parse_onnx_weights(std::span<const std::byte> file);

/// The same of a file, whose path is the field of every error.
Result<std::vector<OnnxGraph>> read_onnx_weights(const std::filesystem::path& path);

}  // namespace bgm
