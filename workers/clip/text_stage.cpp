#include "workers/clip/text_stage.hpp"

#include <algorithm>

#include "schemas/utf8.hpp"
#include "workers/text/language.hpp"
#include "workers/text/normalise.hpp"
#include "workers/text/text_evidence.hpp"

namespace bgm {
namespace {

// The daemon cuts text before it sends it; a worker does not rely on that.
constexpr std::size_t kAnalysedBytesMax = 8 * 1024;
constexpr float kOtherLanguageQuality = 0.7F;

bool names_someone_or_links(std::string_view word) {
    const auto starts = [&](std::string_view prefix) { return word.starts_with(prefix); };
    return (word.size() > 1 && word.front() == '@') || starts("http://") || starts("https://") ||
           starts("www.");
}

// The words of a text, one space between them, without links and names.
std::string readable(std::string_view text) {
    std::string kept;
    while (!text.empty()) {
        const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
        const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
        const std::string_view word = text.substr(begin, end - begin);
        if (!word.empty() && !names_someone_or_links(word)) {
            if (!kept.empty()) kept += ' ';
            kept += word;
        }
        text.remove_prefix(end);
    }
    return kept;
}

}  // namespace

TextStage::TextStage(std::unique_ptr<Tokenizer> tokenizer, std::size_t tokens_max,
                     const SoundWords* sound_words, GraveReader grave)
    : tokenizer_(std::move(tokenizer)),
      tokens_max_(std::min(tokens_max, tokenizer_->length_max())),
      sound_words_(sound_words),
      grave_(std::move(grave)) {}

Result<ClipTask::Text> TextStage::prepare(const EncodeTask& task) const {
    if (!valid_utf8(task.text)) {
        return Error{
            .code = ErrorCode::invalid_argument, .message = "the text is not valid UTF-8", .field = "text"};
    }
    const std::string_view analysed = truncate_utf8(task.text, kAnalysedBytesMax);
    const NormalisedText words = normalise(analysed);
    const TextEvidence evidence = weigh(words);
    const Language language = detect_language(words, task.lang).language;
    ClipTask::Text text;
    const std::string kept = readable(analysed);
    text.ids = tokenizer_->encode(kept, tokens_max_);
    if (sound_words_ != nullptr && language == Language::english)
        text.sound_words = sound_words_->words(kept);
    Encoding& encoding = text.encoding;
    encoding.modality = Modality::text;
    encoding.language = name(language);
    encoding.quality = quality_by_tokens(evidence.tokens);
    if (const auto note = note_on_quality(encoding.quality); !note.empty()) encoding.notes.emplace_back(note);
    if (language == Language::other && encoding.quality > kOtherLanguageQuality) {
        encoding.quality = kOtherLanguageQuality;
        encoding.notes.emplace_back("neither Korean nor English");
    }
    encoding.facts = {{"tokens", static_cast<float>(evidence.tokens)},
                      {"model_tokens", static_cast<float>(text.ids.size())},
                      {"emoji", static_cast<float>(evidence.emoji)},
                      {"shouted_words", static_cast<float>(evidence.shouted)},
                      {"exclamations", static_cast<float>(evidence.exclamations)}};
    grave_.add_facts(words, encoding.facts);
    return text;
}

}  // namespace bgm
