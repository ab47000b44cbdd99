#include "workers/text/text_encoder.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "schemas/utf8.hpp"
#include "workers/text/features.hpp"
#include "workers/text/language.hpp"
#include "workers/text/normalise.hpp"
#include "workers/text/text_network.hpp"

namespace bgm {
namespace {

// The daemon cuts text before it sends it; a worker does not rely on that.
constexpr std::size_t kAnalysedBytesMax = 8 * 1024;
constexpr std::size_t kBatchMax = 256;

constexpr float kUnsupportedQuality = 0.1F;
// Quality by the number of meaningful tokens: one word hints, six say something.
constexpr std::array kQualityByTokens{0.0F, 0.45F, 0.6F, 0.75F, 0.85F, 0.95F, 1.0F};
// Words that training has hardly seen in either language are taken for another language from here on.
constexpr float kKnownShareMin = 0.34F;

struct Evidence {
    int tokens = 0;       // that can carry meaning: words, emoji, emoticons, ㅋㅋ
    int words = 0;        // Latin words among them
    int known_words = 0;  // of those, the ones with a vector
    int emoji = 0;
    int shouted = 0;
    int exclamations = 0;
};

Evidence weigh(const NormalisedText& text, const TextNetwork& network) {
    Evidence evidence;
    for (const Token& token : text.tokens) {
        switch (token.kind) {
            case TokenKind::word:
                ++evidence.words;
                if (network.knows_word(word_feature(text.characters(token)))) ++evidence.known_words;
                ++evidence.tokens;
                break;
            case TokenKind::hangul:
                // A Korean word holds what English needs two for.
                evidence.tokens += token.end - token.begin >= 3 ? 2 : 1;
                break;
            case TokenKind::emoji:
            case TokenKind::emoticon:
                ++evidence.emoji;
                ++evidence.tokens;
                break;
            case TokenKind::jamo:
                ++evidence.tokens;
                break;
            case TokenKind::punctuation:
                if (text.characters(token).front() == U'!') ++evidence.exclamations;
                break;
            case TokenKind::number:
            case TokenKind::url:
            case TokenKind::mention:
            case TokenKind::placeholder:
                break;
        }
        if (token.shouted) ++evidence.shouted;
    }
    return evidence;
}

class TextEncoder final : public Encoder {
 public:
    explicit TextEncoder(TextNetwork network) : network_(std::move(network)) {}

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
        const Evidence evidence = weigh(text, network_);

        Encoding encoding;
        encoding.modality = Modality::text;
        encoding.model = network_.model();
        encoding.embedding = std::move(embedded.values);
        encoding.facts = {{"tokens", static_cast<float>(evidence.tokens)},
                          {"known_features", static_cast<float>(embedded.known_features)},
                          {"emoji", static_cast<float>(evidence.emoji)},
                          {"shouted_words", static_cast<float>(evidence.shouted)},
                          {"exclamations", static_cast<float>(evidence.exclamations)}};
        judge(encoding, text, evidence, task.lang);
        return std::vector<Encoding>{std::move(encoding)};
    }

    void judge(Encoding& encoding, const NormalisedText& text, const Evidence& evidence,
               std::string_view hint) const {
        LanguageGuess guess = detect_language(text, hint);
        if (guess.language == Language::english && !guess.certain && evidence.words >= 2 &&
            static_cast<float>(evidence.known_words) < kKnownShareMin * static_cast<float>(evidence.words)) {
            guess.language = Language::other;
        }
        encoding.language = name(guess.language);
        encoding.quality = kQualityByTokens[std::min<std::size_t>(static_cast<std::size_t>(evidence.tokens),
                                                                  kQualityByTokens.size() - 1)];
        if (encoding.facts["known_features"] == 0) encoding.quality = 0;
        if (encoding.quality == 0) {
            encoding.notes.emplace_back("nothing to go by");
        } else if (encoding.quality < 0.7F) {
            encoding.notes.emplace_back("very little text");
        }
        if (guess.language == Language::other) {
            encoding.quality = std::min(encoding.quality, kUnsupportedQuality);
            encoding.notes.emplace_back("unsupported language");
        }
    }

    TextNetwork network_;
    TextFeatures features_;  // kept for its memory only; cleared for every task
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_text_encoder(const std::filesystem::path& model_dir) {
    auto network = TextNetwork::open(model_dir / "text.safetensors");
    if (!network) return network.error();
    return std::unique_ptr<Encoder>(std::make_unique<TextEncoder>(std::move(*network)));
}

}  // namespace bgm
