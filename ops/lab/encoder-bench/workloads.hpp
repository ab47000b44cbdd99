// What the bench has the towers do: one built-in batch of each kind, at full size.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"

namespace bgm::bench {

using Run = std::function<torch::Tensor()>;

struct Workload {
    std::string name;
    std::string folder;
    std::int64_t batch = 1;
    double gflop = 0;  // in the products of a batch
    // Loads the tower; the run encodes one built-in batch.
    std::function<Result<Run>(const std::filesystem::path& folder, const Arithmetic&)> load;
};

Workload images(std::int64_t batch);
Workload texts(std::int64_t batch, std::int64_t length);
/// Ten seconds each.
Workload sounds(std::int64_t batch);

}  // namespace bgm::bench
