#include "workers/encoders/blip.hpp"

#include <ATen/ops/tensor.h>

#include <algorithm>

namespace bgm {
namespace {

using Tokens = std::vector<std::int64_t>;

class DecoderScorer : public NextTokenScorer {
 public:
    DecoderScorer(const Blip& blip, const torch::Tensor& image)
        : blip_(blip), device_(image.device()), state_(blip.decoder.begin(image)) {}

    std::size_t vocabulary() const override { return static_cast<std::size_t>(blip_.config.text.vocabulary); }

    std::span<const float> start(std::span<const Tokens> prompts) override {
        Tokens ids;
        for (const Tokens& prompt : prompts)
            ids.insert(ids.end(), prompt.begin(), prompt.end());
        const torch::Tensor rows = on_device(ids).view({static_cast<std::int64_t>(prompts.size()), -1});
        // Padding inside a prompt is not seen by what follows it; a pad id that also ends sequences is a
        // token like any other.
        const TokenSearch& search = blip_.config.text.search;
        const bool padded =
            search.pad_id != search.end_id && std::count(ids.begin(), ids.end(), search.pad_id) != 0;
        return last_logits(
            blip_.decoder.feed(state_, rows, padded ? rows.eq(search.pad_id) : torch::Tensor()));
    }

    std::span<const float> advance(std::span<const std::size_t> parents,
                                   std::span<const std::int64_t> tokens) override {
        blip_.decoder.select(state_, parents);
        const torch::Tensor rows = on_device(Tokens(tokens.begin(), tokens.end())).unsqueeze(1);
        return last_logits(blip_.decoder.feed(state_, rows));
    }

 private:
    torch::Tensor on_device(const Tokens& ids) const {
        return at::tensor(ids, torch::TensorOptions().dtype(torch::kInt64)).to(device_);
    }
    std::span<const float> last_logits(const torch::Tensor& hidden) {
        const torch::Tensor last = hidden.select(1, hidden.size(1) - 1);
        logits_ = blip_.decoder.logits(last).to(torch::kCPU).contiguous();
        return {logits_.data_ptr<float>(), static_cast<std::size_t>(logits_.numel())};
    }

    const Blip& blip_;
    const torch::Device device_;
    CaptionDecoder::State state_;
    torch::Tensor logits_;  // what the last span shows
};

}  // namespace

Result<Blip> Blip::open(const std::filesystem::path& directory, const Arithmetic& arithmetic) {
    auto config = BlipConfig::read(directory);
    if (!config) return config.error();
    const auto weights = Weights::open(directory, arithmetic.device);
    if (!weights) return weights.error();
    auto decoder = CaptionDecoder::open(config->text, config->vision.block.width, *weights);
    if (!decoder) return decoder.error();
    auto vision = CaptionVision::open(config->vision, *weights, arithmetic);
    if (!vision) return vision.error();
    return Blip{.config = *config, .vision = std::move(*vision), .decoder = std::move(*decoder)};
}

Result<std::vector<Tokens>> Blip::generate(const torch::Tensor& image, std::span<const Tokens> prompts,
                                           const TokenSearch& search) const {
    const auto refused = [](std::string message) {
        return Error{.code = ErrorCode::invalid_argument, .message = "blip: " + std::move(message)};
    };
    if (static_cast<std::int64_t>(prompts.size()) != image.size(0))
        return refused("there must be one prompt per image");
    for (const Tokens& prompt : prompts) {
        if (static_cast<std::int64_t>(prompt.size()) > config.text.positions)
            return refused("a prompt is longer than the decoder's positions");
        if (std::any_of(prompt.begin(), prompt.end(),
                        [this](std::int64_t id) { return id < 0 || id >= config.text.vocabulary; }))
            return refused("a prompt holds an id outside the vocabulary");
    }
    DecoderScorer scorer(*this, image);
    return search_tokens(scorer, prompts, search);
}

}  // namespace bgm
