#include "workers/encoders/clap_config.hpp"

#include <cmath>

namespace bgm {

ConfigObject clap_section(const ConfigObject& config, const std::string& tower) {
    if (config.text("model_type", "clap") == "clap_" + tower + "_model") return config;
    return config.object(tower + "_config");
}

ClapProjection::Shape ClapProjection::Shape::read(const ConfigObject& config, std::int64_t width) {
    // The sections have these keys, too, but the whole model's win.
    return {.width = width,
            .dimensions = config.whole("projection_dim", 512, 1, 16'384),
            .activation = bgm::activation(config, "projection_hidden_act", "relu")};
}

ClapProjection ClapProjection::take(const Weights& weights, const std::string& prefix, const Shape& shape) {
    ClapProjection projection;
    projection.in_ = LinearWeights::take(weights, prefix + ".linear1", shape.width, shape.dimensions);
    projection.out_ = LinearWeights::take(weights, prefix + ".linear2", shape.dimensions, shape.dimensions);
    projection.activation_ = shape.activation;
    return projection;
}

torch::Tensor ClapProjection::forward(const torch::Tensor& rows) const {
    return linear(activate(linear(rows, in_), activation_), out_);
}

double clap_logit_scale(const Weights& weights, const ConfigObject& config, const std::string& name) {
    constexpr double kLogarithmMost = 100;
    double logarithm = std::log(config.number("logit_scale_init_value", 1 / 0.07, 1e-30, 1e30));
    if (weights.has(name)) {
        const torch::Tensor stored = weights.take(name, {});
        if (stored.defined()) logarithm = double{stored.item<float>()};
        if (!(std::abs(logarithm) <= kLogarithmMost))
            config.refuse(name, "the checkpoint's is no number from -100 to 100");
    }
    return std::exp(logarithm);
}

}  // namespace bgm
