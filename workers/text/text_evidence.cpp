#include "workers/text/text_evidence.hpp"

#include <algorithm>
#include <array>

namespace bgm {
namespace {

constexpr std::array kQualityByTokens{0.0F, 0.45F, 0.6F, 0.75F, 0.85F, 0.95F, 1.0F};

}  // namespace

TextEvidence weigh(const NormalisedText& text, const std::function<bool(std::u32string_view)>& knows_word) {
    TextEvidence evidence;
    for (const Token& token : text.tokens) {
        switch (token.kind) {
            case TokenKind::word:
                ++evidence.words;
                if (!knows_word || knows_word(text.characters(token))) ++evidence.known_words;
                ++evidence.tokens;
                break;
            case TokenKind::hangul:
                // A Korean word holds what English needs two for.
                evidence.tokens += token.end - token.begin >= 3 ? 2 : 1;
                break;
            case TokenKind::emoji:
            case TokenKind::emoticon:
                ++evidence.emoji;
                // A flag or a profession is no feeling; nor can the model say anything of what it never saw.
                if (!knows_word || knows_word(text.characters(token))) ++evidence.tokens;
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

float quality_by_tokens(int tokens) {
    const auto most = static_cast<int>(kQualityByTokens.size()) - 1;
    return kQualityByTokens[static_cast<std::size_t>(std::clamp(tokens, 0, most))];
}

std::string_view note_on_quality(float quality) {
    if (quality == 0) return "nothing to go by";
    return quality < 0.7F ? "very little text" : "";
}

}  // namespace bgm
