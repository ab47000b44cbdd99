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
    const std::size_t sums = network.words_.width() + network.characters_.width();
    const auto fits = [&](std::size_t inputs) {
        return weight->shape == std::vector<std::int64_t>{bias->shape[0], static_cast<std::int64_t>(inputs)};
    };
    if (bias->shape.size() != 1 || bias->shape[0] < 1 ||
        bias->shape[0] > static_cast<std::int64_t>(kWidthMax) || !(fits(sums) || fits(2 * sums))) {
        return corrupt("hidden.weight does not fit hidden.bias and the tables");
    }
    network.inputs_ = fits(sums) ? sums : 2 * sums;
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
    std::vector<float> inputs(inputs_);
    std::span<float> rest(inputs);
    const auto take = [&](const FeatureTable& table) {
        const auto part = rest.first(std::min(rest.size(), table.width()));
        rest = rest.subspan(part.size());
        return part;
    };
    const auto words = take(words_), characters = take(characters_);
    const auto denied_words = take(words_), denied_characters = take(characters_);
    TextEmbedding embedding;
    embedding.known_features = words_.sum(features.words, features.denied_words, words, denied_words);
    embedding.known_features +=
        characters_.sum(features.characters, features.denied_characters, characters, denied_characters);
    // Of most posts nothing is denied: the second half of the inputs is 0.
    const bool denies = !features.denied_words.empty() || !features.denied_characters.empty();
    const std::size_t used = denies ? inputs.size() : words.size() + characters.size();
    embedding.values = bias_;
    for (std::size_t row = 0; row < embedding.values.size(); ++row) {
        const float* weights = weight_.data() + row * inputs.size();
        // Eight sums side by side: one long chain of additions would wait for each of them.
        float sums[8] = {};
        std::size_t i = 0;
        for (; i + 8 <= used; i += 8) {
            for (std::size_t lane = 0; lane < 8; ++lane)
                sums[lane] += weights[i + lane] * inputs[i + lane];
        }
        float sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
        for (; i < used; ++i)
            sum += weights[i] * inputs[i];
        embedding.values[row] = std::max(0.0F, embedding.values[row] + sum);
    }
    return embedding;
}

}  // namespace bgm
