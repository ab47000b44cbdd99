// The weights of one network out of its npm package: files read and checked, then understood.
#pragma once

#include <filesystem>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/networks/tensor_map.hpp"

namespace bgm {

/// Of @vladmandic/face-api: STEM-weights_manifest.json and STEM.bin. Errors as read_network_file()'s and
/// read_tfjs_weights()'s.
Result<TensorMap> read_face_weights(const std::filesystem::path& packages, std::string_view stem);

/// Of nsfwjs: the model "mid", in scripts.
Result<TensorMap> read_kind_weights(const std::filesystem::path& packages);

}  // namespace bgm
