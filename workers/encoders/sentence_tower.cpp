#include "workers/encoders/sentence_tower.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>

#include <algorithm>
#include <string>

#include "workers/encoders/guarded.hpp"

namespace bgm {
namespace {

struct Module {
    std::string type;  // the last part of the Python class's name: "Pooling"
    std::filesystem::path folder;
};

// Without a modules.json: a trunk in this very folder, and a mean.
Result<std::vector<Module>> read_modules(const std::filesystem::path& directory) {
    const auto file = directory / "modules.json";
    std::error_code none;
    if (!std::filesystem::exists(file, none)) return std::vector<Module>{{"Transformer", directory}};
    auto list = ConfigObject::read_list(file);
    if (!list) return list.error();
    std::vector<Module> modules;
    for (const ConfigObject& entry : *list) {
        const std::string type = entry.text("type", "");
        const std::filesystem::path path = entry.text("path", "");
        // A file from elsewhere may not lead out of its directory.
        if (path.is_absolute() || path.has_parent_path() || path == "..")
            entry.refuse("path", "must be a folder beside it");
        if (!entry.status().ok()) return entry.status().error();
        modules.push_back({type.substr(type.rfind('.') + 1), directory / path});
    }
    if (modules.empty() || modules.front().type != "Transformer")
        return Error{.code = ErrorCode::unsupported,
                     .message = file.string() + ": must begin with a Transformer"};
    return modules;
}

// What sentence_bert_config.json cuts texts to, where there is one.
Result<std::int64_t> read_tokens_max(const std::filesystem::path& folder, std::int64_t most) {
    const auto file = folder / "sentence_bert_config.json";
    std::error_code none;
    if (!std::filesystem::exists(file, none)) return most;
    auto config = ConfigObject::read(file);
    if (!config) return config.error();
    const std::int64_t tokens_max = config->whole("max_seq_length", most, 1, 1'000'000);
    if (!config->status().ok()) return config->status().error();
    return std::min(tokens_max, most);
}

Result<SentencePooling> read_pooling(const std::filesystem::path& folder, std::int64_t width) {
    auto config = ConfigObject::read(folder / "config.json");
    if (!config) return config.error();
    if (config->whole("word_embedding_dimension", width, 1, 16384) != width)
        config->refuse("word_embedding_dimension", "the model's is " + std::to_string(width));
    for (const char* key : {"pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"}) {
        if (config->flag(key, false)) config->refuse(key, "is not supported");
    }
    const SentencePooling pooling{
        .first_token = config->flag("pooling_mode_cls_token", false),
        .maximum = config->flag("pooling_mode_max_tokens", false),
        .mean = config->flag("pooling_mode_mean_tokens", true),
        .mean_sqrt_length = config->flag("pooling_mode_mean_sqrt_len_tokens", false),
    };
    if (pooling.count() == 0) config->refuse("pooling_mode_mean_tokens", "or another must be true");
    if (!config->status().ok()) return config->status().error();
    return pooling;
}

DenseActivation dense_activation(const ConfigObject& config) {
    static constexpr std::string_view kKey = "activation_function";
    const std::string name = config.text(kKey, "torch.nn.modules.activation.Tanh");
    if (name == "torch.nn.modules.linear.Identity") return DenseActivation::identity;
    if (name == "torch.nn.modules.activation.Tanh") return DenseActivation::tanh;
    if (name == "torch.nn.modules.activation.ReLU") return DenseActivation::relu;
    if (name == "torch.nn.modules.activation.GELU") return DenseActivation::gelu;
    if (name == "torch.nn.modules.activation.Sigmoid") return DenseActivation::sigmoid;
    config.refuse(kKey,
                  "'" + name + "' is not known (Identity, Tanh, ReLU, GELU and Sigmoid of torch.nn are)");
    return DenseActivation::identity;
}

torch::Tensor activate(const torch::Tensor& values, DenseActivation activation) {
    switch (activation) {
        case DenseActivation::identity:
            return values;
        case DenseActivation::tanh:
            return at::tanh(values);
        case DenseActivation::relu:
            return at::relu(values);
        case DenseActivation::gelu:
            return at::gelu(values);
        case DenseActivation::sigmoid:
            return at::sigmoid(values);
    }
    return values;
}

// tokens: [batch, length, width]; mask: [batch, length] or undefined.
torch::Tensor pool(const torch::Tensor& tokens, const torch::Tensor& mask, const SentencePooling& pooling) {
    std::vector<torch::Tensor> parts;
    if (pooling.first_token) parts.push_back(tokens.select(1, 0));
    const torch::Tensor kept =
        mask.defined() ? mask.to(tokens.device(), torch::kFloat32).unsqueeze(2) : torch::Tensor();
    if (pooling.maximum) {
        parts.push_back((kept.defined() ? tokens.masked_fill(kept.eq(0), -1e9) : tokens).amax(1));
    }
    if (pooling.mean || pooling.mean_sqrt_length) {
        const torch::Tensor sum = (kept.defined() ? tokens * kept : tokens).sum(1);
        const torch::Tensor count =
            kept.defined() ? kept.sum(1).clamp_min(1e-9)
                           : at::full({1, 1}, static_cast<double>(tokens.size(1)), tokens.options());
        if (pooling.mean) parts.push_back(sum / count);
        if (pooling.mean_sqrt_length) parts.push_back(sum / count.sqrt());
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts, 1);
}

}  // namespace

Result<SentenceTower> SentenceTower::load(const std::filesystem::path& directory,
                                          const Arithmetic& arithmetic) {
    return guarded(directory.string(), [&]() -> Result<SentenceTower> {
        const auto modules = read_modules(directory);
        if (!modules) return modules.error();
        const auto& trunk_folder = modules->front().folder;
        auto trunk = DistilBert::load(trunk_folder, arithmetic);
        if (!trunk) return trunk.error();
        auto tokens_max = read_tokens_max(trunk_folder, trunk->tokens_max());
        if (!tokens_max) return tokens_max.error();

        SentenceTower tower(std::move(*trunk));
        tower.tokens_max_ = *tokens_max;
        for (std::size_t i = 1; i < modules->size(); ++i) {
            const auto& [type, folder] = (*modules)[i];
            if ((type == "Pooling") != (i == 1)) {
                return Error{.code = ErrorCode::unsupported,
                             .message = (directory / "modules.json").string() +
                                        ": there must be one Pooling, behind the Transformer"};
            }
            if (Status added = tower.add(type, folder, arithmetic.device); !added) return added.error();
        }
        return tower;
    });
}

Status SentenceTower::add(const std::string& type, const std::filesystem::path& folder,
                          const torch::Device& device) {
    if (type == "Pooling") {
        auto pooling = read_pooling(folder, trunk_.width());
        if (!pooling) return pooling.error();
        pooling_ = *pooling;
        dimensions_ = pooling_.count() * trunk_.width();
        return ok_status();
    }
    if (type == "Dense") return add_dense(folder, device);
    if (type == "Normalize") {
        steps_.emplace_back(SentenceNormalise{});
        return ok_status();
    }
    return Error{.code = ErrorCode::unsupported,
                 .message = folder.string() + ": the module " + type +
                            " is not known (Pooling, Dense, Normalize are)"};
}

Status SentenceTower::add_dense(const std::filesystem::path& folder, const torch::Device& device) {
    auto config = ConfigObject::read(folder / "config.json");
    if (!config) return config.error();
    const std::int64_t in = config->whole("in_features", dimensions_, 1, 65536);
    const std::int64_t out = config->whole("out_features", 0, 1, 16384);
    if (in != dimensions_)
        config->refuse("in_features", "the module before gives " + std::to_string(dimensions_));
    if (out == 0) config->refuse("out_features", "is missing");
    const DenseActivation activation = dense_activation(*config);
    const bool bias = config->flag("bias", true);
    if (!config->status().ok()) return config->status().error();

    auto weights = Weights::open(folder, device);
    if (!weights) return weights.error();
    SentenceDense dense{LinearWeights::take(*weights, "linear", in, out, bias), activation};
    if (!weights->status().ok()) return weights->status().error();
    steps_.emplace_back(std::move(dense));
    dimensions_ = out;
    return ok_status();
}

torch::Tensor SentenceTower::features(const torch::Tensor& ids, const torch::Tensor& mask,
                                      TowerTrace* trace) const {
    torch::Tensor row = pool(trunk_.forward(ids, mask, trace), mask, pooling_);
    if (trace != nullptr) trace->pooled = row;
    for (const Step& step : steps_) {
        if (const auto* dense = std::get_if<SentenceDense>(&step)) {
            row = activate(linear(row, dense->linear), dense->activation);
        } else {
            row = normalised(row);
        }
    }
    return row;
}

}  // namespace bgm
