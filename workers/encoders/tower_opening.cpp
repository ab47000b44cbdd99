#include "workers/encoders/tower_opening.hpp"

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include <oneapi/dnnl/dnnl.hpp>

#include "workers/encoders/guarded.hpp"
#include "workers/encoders/layers.hpp"

namespace bgm {

Result<torch::Device> prepare_device(const TowerOptions& options) {
    return guarded("device '" + options.device + "'", [&]() -> Result<torch::Device> {
        const torch::Device device(options.device);
        const bool here =
            device.is_cpu() ||
            (device.is_cuda() && torch::cuda::is_available() &&
             (!device.has_index() || static_cast<std::size_t>(device.index()) < torch::cuda::device_count()));
        if (!here)
            return Error{.code = ErrorCode::unsupported,
                         .message = "there is no device '" + options.device + "'"};
        if (options.threads > 0) at::set_num_threads(options.threads);
        return device;
    });
}

bool processor_has_bf16() {
    // Each level has the bits of those below it.
    const auto level = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto bf16 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (level & bf16) == bf16;
}

double smallest_cosine(const torch::Tensor& ours, const torch::Tensor& theirs) {
    return (normalised(ours) * normalised(theirs)).sum(1).min().item<double>();
}

}  // namespace bgm
