// Arrays of the parity format as tensors, and tensors against them.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "ops/lab/parity/fixture.hpp"
#include "ops/lab/parity/parity_line.hpp"

namespace bgm {

/// F32, or whole numbers (kInt64) for an array of ids.
Result<torch::Tensor> float_input(const Fixture& fixture, const std::string& array);
/// Ids from 0 to vocabulary - 1, [rows, at most length_max].
Result<torch::Tensor> id_input(const Fixture& fixture, const std::string& array, std::int64_t vocabulary,
                               std::int64_t length_max);
/// The fixture's attention mask, of the shape of `ids`; undefined where it has none.
Result<torch::Tensor> mask_input(const Fixture& fixture, const torch::Tensor& ids, std::int64_t length_max);

/// Shape and numbers.
ParityLine compare_tensor(std::string line, const torch::Tensor& ours, const NpyArray& expected,
                          double limit);
/// The same against an array of the fixture, by the limit for its name.
ParityLine compare_tensor(const Fixture& fixture, const std::string& array, const torch::Tensor& ours);

/// A line for every array that the manifest expects: against the tensor of that name, or "not checked" where
/// there is none.
std::vector<ParityLine> compare_outputs(const Fixture& fixture,
                                        const std::map<std::string, torch::Tensor>& ours);

/// Adds "PREFIX_0", "PREFIX_1", ... to what compare_outputs() is given.
void add_hidden_states(std::map<std::string, torch::Tensor>& ours, const std::string& prefix,
                       const std::vector<torch::Tensor>& hidden_states);

}  // namespace bgm
