// With what arithmetic a tower runs: what was asked for, what the machine can do, and whether bf16 is near
// enough to fp32 with these very weights.
#pragma once

#include <torch/types.h>

#include <functional>

#include "schemas/result.hpp"
#include "workers/encoders/arithmetic.hpp"
#include "workers/encoders/tower_options.hpp"

namespace bgm {

/// bf16 is taken only where every row of the probe has at least this cosine with fp32.
inline constexpr double kProbeCosineLeast = 0.999;

/// `unsupported` where there is no such device. Sets the threads of this process.
Result<torch::Device> prepare_device(const TowerOptions& options);

/// Whether this processor multiplies bf16 matrices itself, as oneDNN sees it.
bool processor_has_bf16();

/// The smallest cosine between rows of the same number: [rows, width] each.
double smallest_cosine(const torch::Tensor& ours, const torch::Tensor& theirs);

/// Two built-in pictures [2, channels, size, size] for the probe of what reads pixels.
torch::Tensor probe_pixels(std::int64_t channels, std::int64_t size);

template <typename Model>
struct OpenedModel {
    Model model;
    TowerArithmetic arithmetic;
};

/// `load` makes the model for an arithmetic; `probe` has it encode something built in, [rows, width].
template <typename Model>
Result<OpenedModel<Model>> open_model(const TowerOptions& options,
                                      const std::function<Result<Model>(const Arithmetic&)>& load,
                                      const std::function<torch::Tensor(const Model&)>& probe) {
    const auto device = prepare_device(options);
    if (!device) return device.error();
    TowerArithmetic taken{.precision = "fp32", .probe_cosine = 1, .note = {}};
    const bool wanted = options.precision != PrecisionChoice::fp32 && device->is_cpu();
    if (wanted && processor_has_bf16()) {
        auto model = load({.device = *device, .fused = true, .precision = Precision::bf16});
        if (!model) return model.error();
        // Plain operators read the weights where they lie, so that the comparison costs no second copy of
        // them.
        auto reference = load({.device = *device, .fused = false, .precision = Precision::fp32});
        if (!reference) return reference.error();
        taken.probe_cosine = smallest_cosine(probe(*model), probe(*reference));
        if (taken.probe_cosine >= kProbeCosineLeast) {
            taken.precision = "bf16";
            return OpenedModel<Model>{std::move(*model), taken};
        }
        taken.note = "bf16 is too far from fp32 with these weights: a cosine of " +
                     std::to_string(taken.probe_cosine) + " on the probe";
    } else if (options.precision == PrecisionChoice::bf16) {
        taken.note = device->is_cpu() ? "this processor has no bf16" : "bf16 is for processors only";
    }
    auto model = load({.device = *device, .fused = true, .precision = Precision::fp32});
    if (!model) return model.error();
    return OpenedModel<Model>{std::move(*model), taken};
}

}  // namespace bgm
