#include "ops/lab/parity/tensor_lines.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "ops/lab/parity/comparison.hpp"

namespace bgm {
namespace {

template <typename Number>
torch::Tensor tensor_of(const std::vector<Number>& numbers, const std::vector<std::int64_t>& shape,
                        torch::Dtype type) {
    const torch::Tensor tensor = at::empty(shape, type);
    std::copy(numbers.begin(), numbers.end(), tensor.data_ptr<Number>());
    return tensor;
}

}  // namespace

Result<torch::Tensor> float_input(const Fixture& fixture, const std::string& array) {
    const auto stored = fixture.array(array);
    if (!stored) return stored.error();
    return tensor_of(stored->to_float(), stored->shape, torch::kFloat32);
}

Result<torch::Tensor> id_input(const Fixture& fixture, const std::string& array, std::int64_t vocabulary,
                               std::int64_t length_max) {
    const auto stored = fixture.array(array);
    if (!stored) return stored.error();
    const auto ids = stored->to_int64();
    if (!ids) return ids.error();
    const bool known = std::all_of(ids->begin(), ids->end(),
                                   [vocabulary](std::int64_t id) { return id >= 0 && id < vocabulary; });
    if (!known || stored->shape.size() != 2 || stored->shape[1] < 1 || stored->shape[1] > length_max) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = array + " (" + stored->shape_text() + ") does not suit the model"};
    }
    return tensor_of(*ids, stored->shape, torch::kInt64);
}

Result<torch::Tensor> mask_input(const Fixture& fixture, const torch::Tensor& ids, std::int64_t length_max) {
    if (!fixture.has_input("attention_mask")) return torch::Tensor();
    auto mask = id_input(fixture, "attention_mask", 2, length_max);
    if (mask && mask->sizes() != ids.sizes())
        return Error{.code = ErrorCode::invalid_argument, .message = "attention_mask is not as input_ids"};
    return mask;
}

ParityLine compare_tensor(std::string line, const torch::Tensor& ours, const NpyArray& expected,
                          double limit) {
    if (ours.sizes().vec() != expected.shape) {
        std::string shape;
        for (const std::int64_t extent : ours.sizes())
            shape += (shape.empty() ? "" : "x") + std::to_string(extent);
        return not_checked(std::move(line), "ours is " + shape + ", the reference " + expected.shape_text());
    }
    const torch::Tensor flat = ours.to(torch::kCPU, torch::kFloat32).contiguous();
    return compare(std::move(line), {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())},
                   expected.to_float(), limit);
}

ParityLine compare_tensor(const Fixture& fixture, const std::string& array, const torch::Tensor& ours) {
    std::string line = fixture.name() + "/" + array;
    const auto expected = fixture.array(array);
    if (!expected) return not_checked(std::move(line), expected.error().to_string());
    return compare_tensor(std::move(line), ours, *expected, limit_of(array));
}

std::vector<ParityLine> compare_outputs(const Fixture& fixture,
                                        const std::map<std::string, torch::Tensor>& ours) {
    std::vector<ParityLine> lines;
    for (const std::string& array : fixture.outputs()) {
        const auto found = ours.find(array);
        lines.push_back(found != ours.end()
                            ? compare_tensor(fixture, array, found->second)
                            : not_checked(fixture.name() + "/" + array, "nothing of ours has this name"));
    }
    return lines;
}

void add_hidden_states(std::map<std::string, torch::Tensor>& ours, const std::string& prefix,
                       const std::vector<torch::Tensor>& hidden_states) {
    for (std::size_t i = 0; i < hidden_states.size(); ++i)
        ours.emplace(prefix + "_" + std::to_string(i), hidden_states[i]);
}

}  // namespace bgm
