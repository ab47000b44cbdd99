#include "ops/lab/train/text_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"
#include "workers/text/text_encoder.hpp"

namespace bgm {

Result<TextModel> TextModel::open(const std::filesystem::path& model_dir) {
    auto encoder = make_text_encoder(model_dir);
    if (!encoder) return encoder.error();
    const auto file = MappedFile::open(model_dir / "text_head.safetensors");
    if (!file) return file.error();
    auto head = LinearHead::parse(file->bytes());
    if (!head) return head.error();
    const auto tensors = SafeTensors::parse(file->bytes());
    if (!tensors) return tensors.error();
    TextModel model(std::move(*encoder), std::move(*head));
    if (model.encoder_->model() != model.head_.model()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "encoder and head do not belong together"};
    }
    const auto weight = tensors->find("five_moods.weight");
    const auto bias = tensors->find("five_moods.bias");
    if (weight && bias) {
        auto weights = to_floats(*weight);
        auto biases = to_floats(*bias);
        if (!weights || !biases || biases->size() != kFiveMoods.size() ||
            weights->size() != kFiveMoods.size() * model.head_.width()) {
            return Error{.code = ErrorCode::corrupt, .message = "five_moods does not fit the embedding"};
        }
        model.five_weight_ = std::move(*weights);
        model.five_bias_ = std::move(*biases);
    }
    const auto temperature = tensors->metadata().find("five_moods_temperature");
    if (temperature != tensors->metadata().end()) {
        model.five_temperature_ = std::max(0.01F, std::strtof(temperature->second.c_str(), nullptr));
    }
    return model;
}

Result<TextAnswer> TextModel::answer(std::string_view text, std::string_view language_hint) {
    const EncodeTask task{.text = text, .lang = language_hint, .media = {}};
    const auto results = encoder_->encode({&task, 1});
    if (!results.front()) return results.front().error();
    const Encoding& encoding = results.front()->front();
    const auto evidence = head_.read(encoding.embedding, encoding.quality);
    if (!evidence) return evidence.error();
    TextAnswer answer;
    answer.evidence = evidence->mood;
    answer.felt = evidence->felt;
    answer.fused = fuse({&*evidence, 1});
    answer.language = encoding.language;
    answer.quality = encoding.quality;
    for (std::size_t i = 0; i < five_bias_.size(); ++i) {
        float logit = five_bias_[i];
        for (std::size_t k = 0; k < encoding.embedding.size(); ++k) {
            logit += five_weight_[i * encoding.embedding.size() + k] * encoding.embedding[k];
        }
        answer.five_logits[i] = logit;
    }
    return answer;
}

std::array<float, kFiveMoods.size()> TextModel::five_moods(const TextAnswer& answer) const {
    std::array<float, kFiveMoods.size()> probabilities{};
    float none = 1;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        probabilities[i] = 1.0F / (1.0F + std::exp(-answer.five_logits[i] / five_temperature_));
        none *= 1.0F - probabilities[i];
    }
    for (float& probability : probabilities)
        probability = std::min(1.0F, probability / std::max(1e-6F, 1.0F - none));
    return probabilities;
}

}  // namespace bgm
