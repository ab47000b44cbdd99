#include "workers/encoders/tower_opening.hpp"

#include <ATen/ops/arange.h>
#include <torch/cuda.h>

#include <oneapi/dnnl/dnnl.hpp>

#include "workers/encoders/guarded.hpp"
#include "workers/encoders/layers.hpp"
#include "workers/encoders/onednn/row_kernels.hpp"
#include "workers/encoders/threads.hpp"

namespace bgm {

Result<torch::Device> prepare_device(const TowerOptions& options) {
    return guarded("device '" + options.device + "'", [&]() -> Result<torch::Device> {
        const torch::Device device(options.device);
        // Releases of libtorch differ in what they count devices with.
        const bool here = device.is_cpu() || (device.is_cuda() && torch::cuda::is_available() &&
                                              static_cast<std::int64_t>(device.index()) <
                                                  static_cast<std::int64_t>(torch::cuda::device_count()));
        if (!here)
            return Error{.code = ErrorCode::unsupported,
                         .message = "there is no device '" + options.device + "'"};
        use_threads(options.threads);
        return device;
    });
}

bool processor_has_bf16() {
    // Each level has the bits of those below it.
    const auto level = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto bf16 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (level & bf16) == bf16 && row_kernels().attention_bf16 != nullptr;
}

double smallest_cosine(const torch::Tensor& ours, const torch::Tensor& theirs) {
    return (normalised(ours) * normalised(theirs)).sum(1).min().item<double>();
}

// Waves of several lengths: smooth, as photos mostly are, and of the values that normalised pixels have.
torch::Tensor probe_pixels(std::int64_t channels, std::int64_t size) {
    constexpr std::int64_t kPictures = 2;
    const torch::Tensor steps = at::arange(kPictures * channels * size * size, torch::kFloat32);
    const torch::Tensor waves = (steps * 0.37).sin() + (steps / static_cast<double>(size) * 0.21).sin();
    return waves.view({kPictures, channels, size, size});
}

}  // namespace bgm
