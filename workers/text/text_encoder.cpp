#include "workers/text/text_encoder.hpp"

#include <algorithm>
#include <exception>

#include "schemas/utf8.hpp"
#include "workers/text/features.hpp"
#include "workers/text/grave.hpp"
#include "workers/text/language.hpp"
#include "workers/text/normalise.hpp"
#include "workers/text/text_evidence.hpp"
#include "workers/text/text_network.hpp"

namespace bgm {
namespace {

// The daemon cuts text before it sends it; a worker does not rely on that.
constexpr std::size_t kAnalysedBytesMax = 8 * 1024;
constexpr std::size_t kBatchMax = 256;

constexpr float kUnsupportedQuality = 0.1F;
// Words that training has hardly seen in either language are taken for another language from here on.
constexpr float kKnownShareMin = 0.34F;

class TextEncoder final : public Encoder {
 public:
    TextEncoder(TextNetwork network, GraveReader grave)
        : network_(std::move(network)), grave_(std::move(grave)) {}

    Modality modality() const override { return Modality::text; }
    std::string model() const override { return network_.model(); }
    std::size_t batch_max() const override { return kBatchMax; }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks) {
            try {
                results.emplace_back(encode_one(task));
            } catch (const std::exception& failure) {
                results.emplace_back(
                    Error{.code = ErrorCode::internal, .message = failure.what(), .field = "text"});
            }
        }
        return results;
    }

 private:
    EncodeResult encode_one(const EncodeTask& task) {
        if (!valid_utf8(task.text)) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "the text is not valid UTF-8",
                         .field = "text"};
        }
        const NormalisedText text = normalise(truncate_utf8(task.text, kAnalysedBytesMax));
        features_.clear();
        extract_features(text, features_);
        TextEmbedding embedded = network_.embed(features_);
        const TextEvidence evidence =
            weigh(text, [this](std::u32string_view word) { return network_.knows_word(word_feature(word)); });

        Encoding encoding;
        encoding.modality = Modality::text;
        encoding.model = network_.model();
        encoding.embedding = std::move(embedded.values);
        encoding.facts = {{"tokens", static_cast<float>(evidence.tokens)},
                          {"known_features", static_cast<float>(embedded.known_features)},
                          {"emoji", static_cast<float>(evidence.emoji)},
                          {"shouted_words", static_cast<float>(evidence.shouted)},
                          {"exclamations", static_cast<float>(evidence.exclamations)}};
        grave_.add_facts(text, encoding.facts, encoding.embedding);
        judge(encoding, text, evidence, task.lang);
        return std::vector<Encoding>{std::move(encoding)};
    }

    void judge(Encoding& encoding, const NormalisedText& text, const TextEvidence& evidence,
               std::string_view hint) const {
        LanguageGuess guess = detect_language(text, hint);
        if (guess.language == Language::english && !guess.certain && evidence.words >= 2 &&
            static_cast<float>(evidence.known_words) < kKnownShareMin * static_cast<float>(evidence.words)) {
            guess.language = Language::other;
        }
        encoding.language = name(guess.language);
        encoding.quality = quality_by_tokens(evidence.tokens);
        if (encoding.facts["known_features"] == 0) encoding.quality = 0;
        if (const auto note = note_on_quality(encoding.quality); !note.empty())
            encoding.notes.emplace_back(note);
        if (guess.language == Language::other) {
            encoding.quality = std::min(encoding.quality, kUnsupportedQuality);
            encoding.notes.emplace_back("unsupported language");
        }
    }

    TextNetwork network_;
    GraveReader grave_;
    TextFeatures features_;  // kept for its memory only; cleared for every task
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_text_encoder(const std::filesystem::path& model_dir) {
    const auto file = model_dir / "text.safetensors";
    auto network = TextNetwork::open(file);
    if (!network)
        return Error{
            .code = network.error().code, .message = network.error().message, .field = file.string()};
    auto grave = GraveReader::open(model_dir);
    if (!grave) return grave.error();
    return std::unique_ptr<Encoder>(std::make_unique<TextEncoder>(std::move(*network), std::move(*grave)));
}

}  // namespace bgm
