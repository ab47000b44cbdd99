#include "workers/tokenizers/tokenizer.hpp"

#include <algorithm>

#include "schemas/utf8.hpp"
#include "workers/tokenizers/word_scanner.hpp"

namespace bgm {
namespace {

using reference::CharacterClass;

std::size_t skip_spaces_back(std::string_view text, std::size_t at, std::size_t least) {
    while (at > least) {
        std::size_t before = at - 1;
        while (before > least && (static_cast<std::uint8_t>(text[before]) & 0xC0) == 0x80)
            --before;
        if (reference::class_at(text, before) != CharacterClass::space) break;
        at = before;
    }
    return at;
}

struct LiteralPattern {
    std::string text;
    const SpecialLiteral* literal;
    std::size_t place = 0;  // where it was seen last; looked for again only once that is behind
};

// The first literal from `at` on, the longest where several start together; null where there is none.
const LiteralPattern* find_literal(std::string_view text, std::size_t at,
                                   std::vector<LiteralPattern>& patterns) {
    const LiteralPattern* found = nullptr;
    for (LiteralPattern& pattern : patterns) {
        if (pattern.place < at) pattern.place = text.find(pattern.text, at);
        if (pattern.place == std::string_view::npos) continue;
        if (found == nullptr || pattern.place < found->place ||
            (pattern.place == found->place && pattern.text.size() > found->text.size())) {
            found = &pattern;
        }
    }
    return found;
}

// Calls text_part and literal_part for what `text` is made of, in order, until `full`.
template <typename TextPart, typename LiteralPart, typename Full>
void split_at_literals(std::string_view text, std::vector<LiteralPattern> patterns, const TextPart& text_part,
                       const LiteralPart& literal_part, const Full& full) {
    for (LiteralPattern& pattern : patterns)
        pattern.place = text.find(pattern.text);
    std::size_t done = 0;
    while (done < text.size() && !full()) {
        const LiteralPattern* pattern = find_literal(text, done, patterns);
        if (pattern == nullptr) return text_part(text.substr(done));
        const SpecialLiteral& literal = *pattern->literal;
        const std::size_t begin =
            literal.takes_space_before ? skip_spaces_back(text, pattern->place, done) : pattern->place;
        const std::size_t end = pattern->place + pattern->text.size();
        if (begin > done) text_part(text.substr(done, begin - done));
        literal_part(literal);
        done = literal.takes_space_after ? reference::run_end(text, end, CharacterClass::space) : end;
    }
}

}  // namespace

std::vector<std::int64_t> Tokenizer::encode(std::string_view text, std::size_t length_max) const {
    std::string repaired;
    if (!valid_utf8(text)) {
        repaired = reference::repair_utf8(text);
        text = repaired;
    }
    // The start id counts, the end id is put behind at last.
    const std::size_t ids_max = std::max<std::size_t>(length_max, 2) - 1;
    std::vector<std::int64_t> ids{frame_.start_id};
    const auto full = [&] { return ids.size() >= ids_max; };
    const auto words = [&](std::string_view part) { append_words(part, ids_max, ids); };

    if (frame_.literals.empty()) {
        words(normalise(text));
    } else {
        std::vector<LiteralPattern> raw;
        std::vector<LiteralPattern> normalised;
        for (const SpecialLiteral& literal : frame_.literals) {
            std::string pattern = literal.normalised ? normalise(literal.text) : literal.text;
            if (!pattern.empty())
                (literal.normalised ? normalised : raw).push_back({std::move(pattern), &literal, 0});
        }
        const auto push = [&](const SpecialLiteral& literal) { ids.push_back(literal.id); };
        split_at_literals(
            text, raw,
            [&](std::string_view part) { split_at_literals(normalise(part), normalised, words, push, full); },
            push, full);
    }
    ids.resize(std::min(ids.size(), ids_max));
    ids.push_back(frame_.end_id);
    return ids;
}

}  // namespace bgm
