#include "workers/text/text_network.hpp"

#include <algorithm>
#include <cmath>

namespace bgm {
namespace {

constexpr std::string_view kFormat = "bgm-text-1";
constexpr std::size_t kWidthMax = 1024;

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "text weights: " + std::move(message)};
}

bool all_finite(const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

}  // namespace

Result<TextNetwork> TextNetwork::open(const std::filesystem::path& path) {
    auto mapped = MappedFile::open(path, true);
    if (!mapped) return mapped.error();
    TextNetwork network(std::move(*mapped));
    const auto file = SafeTensors::parse(network.file_.bytes());
    if (!file) return file.error();
    const auto format = file->metadata().find("format");
    if (format == file->metadata().end() || format->second != kFormat) {
        return corrupt("the format is not " + std::string(kFormat));
    }
    const auto model = file->metadata().find("model");
    if (model == file->metadata().end() || model->second.empty())
        return corrupt("the metadata name no model");
    network.model_ = model->second;

    auto words = FeatureTable::parse(*file, "words");
    if (!words) return words.error();
    auto characters = FeatureTable::parse(*file, "characters");
    if (!characters) return characters.error();
    network.words_ = std::move(*words);
    network.characters_ = std::move(*characters);

    const auto weight = file->find("hidden.weight");
    if (!weight) return weight.error();
    const auto bias = file->find("hidden.bias");
    if (!bias) return bias.error();
    const auto inputs = static_cast<std::int64_t>(network.words_.width() + network.characters_.width());
    if (bias->shape.size() != 1 || bias->shape[0] < 1 ||
        bias->shape[0] > static_cast<std::int64_t>(kWidthMax) ||
        weight->shape != std::vector<std::int64_t>{bias->shape[0], inputs}) {
        return corrupt("hidden.weight does not fit hidden.bias and the tables");
    }
    auto weight_values = to_floats(*weight);
    if (!weight_values) return weight_values.error();
    auto bias_values = to_floats(*bias);
    if (!bias_values) return bias_values.error();
    network.weight_ = std::move(*weight_values);
    network.bias_ = std::move(*bias_values);
    if (!all_finite(network.weight_) || !all_finite(network.bias_)) return corrupt("a number is not finite");
    return network;
}

TextEmbedding TextNetwork::embed(const TextFeatures& features) const {
    std::vector<float> inputs(words_.width() + characters_.width());
    const std::span<float> both(inputs);
    TextEmbedding embedding;
    embedding.known_features = words_.sum(features.words, both.first(words_.width()));
    embedding.known_features += characters_.sum(features.characters, both.subspan(words_.width()));
    embedding.values = bias_;
    for (std::size_t row = 0; row < embedding.values.size(); ++row) {
        const float* weights = weight_.data() + row * inputs.size();
        // Eight sums side by side: one long chain of additions would wait for each of them.
        float sums[8] = {};
        std::size_t i = 0;
        for (; i + 8 <= inputs.size(); i += 8) {
            for (std::size_t lane = 0; lane < 8; ++lane)
                sums[lane] += weights[i + lane] * inputs[i + lane];
        }
        float sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
        for (; i < inputs.size(); ++i)
            sum += weights[i] * inputs[i];
        embedding.values[row] = std::max(0.0F, embedding.values[row] + sum);
    }
    return embedding;
}

}  // namespace bgm
