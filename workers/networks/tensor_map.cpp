#include "workers/networks/tensor_map.hpp"

namespace bgm {
namespace {

Error wrong(std::string message, std::string_view name) {
    return {
        .code = ErrorCode::corrupt, .message = "weights: " + std::move(message), .field = std::string(name)};
}

}  // namespace

Result<const Tensor*> find_tensor(const TensorMap& tensors, std::string_view name,
                                  const std::vector<std::int64_t>& shape) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) return wrong("there is no such tensor", name);
    if (found->second.shape != shape) return wrong("has another shape than its network needs", name);
    return &found->second;
}

}  // namespace bgm
