#include "workers/encoders/captioner.hpp"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include "schemas/utf8.hpp"
#include "workers/encoders/blip.hpp"
#include "workers/encoders/guarded.hpp"
#include "workers/encoders/tower_opening.hpp"
#include "workers/tokenizers/word_piece_tokenizer.hpp"

namespace bgm {
namespace {

constexpr std::size_t kBeamsMax = 16;

class BlipCaptioner : public Captioner {
 public:
    BlipCaptioner(OpenedModel<Blip> opened, std::unique_ptr<WordPieceTokenizer> tokenizer)
        : opened_(std::move(opened)), tokenizer_(std::move(tokenizer)) {}

    std::int64_t image_size() const override { return blip().config.vision.image_size; }
    const TowerArithmetic& arithmetic() const override { return opened_.arithmetic; }

    Result<std::vector<std::string>> caption(std::span<const float> pixels, std::size_t beams) override {
        const std::int64_t size = image_size();
        const auto values = static_cast<std::size_t>(3 * size * size);
        if (pixels.empty() || pixels.size() % values != 0) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = std::to_string(pixels.size()) + " pixel values are not images of " +
                                    std::to_string(values)};
        }
        if (beams < 1 || beams > kBeamsMax)
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "captions are made with 1 to " + std::to_string(kBeamsMax) + " beams"};
        return guarded("captioner", [&]() -> Result<std::vector<std::string>> {
            const c10::InferenceMode inference;
            const auto images = static_cast<std::int64_t>(pixels.size() / values);
            // Only read: the model makes tensors of its own.
            const torch::Tensor batch =
                at::from_blob(const_cast<float*>(pixels.data()), {images, 3, size, size}, torch::kFloat32);
            return captions(blip().vision.forward(batch), beams);
        });
    }

 private:
    const Blip& blip() const { return opened_.model; }

    Result<std::vector<std::string>> captions(const torch::Tensor& image, std::size_t beams) const {
        TokenSearch search = blip().config.text.search;
        search.beams = beams;
        const std::vector<std::vector<std::int64_t>> prompts(static_cast<std::size_t>(image.size(0)),
                                                             {blip().config.text.bos_id});
        auto ids = blip().generate(image, prompts, search);
        if (!ids) return ids.error();
        std::vector<std::string> texts;
        for (const auto& row : *ids) {
            texts.push_back(tokenizer_->decode(std::span(row).subspan(1)));
            if (!valid_utf8(texts.back()))
                return Error{.code = ErrorCode::corrupt,
                             .message = "captioner: the vocabulary makes a caption that is not UTF-8"};
        }
        return texts;
    }

    OpenedModel<Blip> opened_;
    const std::unique_ptr<WordPieceTokenizer> tokenizer_;
};

torch::Tensor probe(const Blip& blip) {
    const c10::InferenceMode inference;
    return blip.vision.pooled(blip.vision.forward(probe_pixels(3, blip.config.vision.image_size)));
}

}  // namespace

Result<std::unique_ptr<Captioner>> open_captioner(const std::filesystem::path& directory,
                                                  const TowerOptions& options) {
    return guarded(directory.string(), [&]() -> Result<std::unique_ptr<Captioner>> {
        auto tokenizer = open_word_piece_tokenizer(directory);
        if (!tokenizer) return tokenizer.error();
        auto opened = open_model<Blip>(
            options, [&](const Arithmetic& arithmetic) { return Blip::open(directory, arithmetic); }, probe);
        if (!opened) return opened.error();
        return std::unique_ptr<Captioner>(
            std::make_unique<BlipCaptioner>(*std::move(opened), *std::move(tokenizer)));
    });
}

}  // namespace bgm
