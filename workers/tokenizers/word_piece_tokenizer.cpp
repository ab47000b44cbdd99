#include "workers/tokenizers/word_piece_tokenizer.hpp"

#include <array>
#include <utility>

#include "workers/tokenizers/word_scanner.hpp"

namespace bgm {
namespace {

using reference::CharacterClass;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

// The end of the word at `at`, which is not a space: one mark, or all up to the next space or mark.
std::size_t word_end(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size()) {
        std::size_t next = at;
        const char32_t character = reference::next_character(text, next);
        if (reference::is_bert_punctuation(character)) return at == begin ? next : at;
        if (reference::class_of(character) == CharacterClass::space) return at;
        at = next;
    }
    return at;
}

}  // namespace

std::string WordPieceTokenizer::normalise(std::string_view text) const {
    std::string composed;
    if (rules_.compose) {
        composed = reference::compose(text);
        text = composed;
    }
    std::string normalised;
    normalised.reserve(text.size() + text.size() / 4);
    const auto append = [&](char32_t character) {
        if (rules_.lower_case) {
            reference::append_lower(normalised, character);
        } else {
            append_utf8(normalised, character);
        }
    };
    // Stripping works on the cleaned text as a whole, so it comes second, and folding case third.
    std::string cleaned;
    cleaned.reserve(rules_.strip_accents ? text.size() : 0);
    for (std::size_t at = 0; at < text.size();) {
        char32_t character = reference::next_character(text, at);
        if (rules_.clean_up) character = reference::clean_up(character);
        if (rules_.clean_up && character == 0) continue;
        const bool alone = rules_.split_ideographs && reference::is_bert_ideograph(character);
        if (rules_.strip_accents) {
            if (alone) cleaned.push_back(' ');
            append_utf8(cleaned, character);
            if (alone) cleaned.push_back(' ');
        } else {
            if (alone) normalised.push_back(' ');
            append(character);
            if (alone) normalised.push_back(' ');
        }
    }
    if (rules_.strip_accents) {
        for (const char32_t character : reference::decompose(cleaned)) {
            if (!reference::is_stripped_mark(character)) append(character);
        }
    }
    return normalised;
}

void WordPieceTokenizer::append_words(std::string_view normalised, std::size_t ids_max,
                                      std::vector<std::int64_t>& ids) const {
    std::size_t at = reference::run_end(normalised, 0, CharacterClass::space);
    while (at < normalised.size() && ids.size() < ids_max) {
        const std::size_t end = word_end(normalised, at);
        append_word(normalised.substr(at, end - at), ids);
        at = reference::run_end(normalised, end, CharacterClass::space);
    }
}

void WordPieceTokenizer::append_word(std::string_view word, std::vector<std::int64_t>& ids) const {
    const std::size_t before = ids.size();
    const auto unknown = [&] {
        ids.resize(before);
        ids.push_back(unknown_id_);
    };
    std::size_t characters = 0;
    for (const char byte : word)
        characters += (static_cast<std::uint8_t>(byte) & 0xC0) != 0x80 ? 1 : 0;
    if (characters > rules_.word_characters_max) return unknown();

    for (std::size_t begin = 0; begin < word.size();) {
        const std::string_view head = begin == 0 ? std::string_view() : rules_.continuation;
        Vocabulary::Reading reading(vocabulary_);
        reading.append(head);
        std::size_t piece_end = begin;
        std::int64_t piece = 0;
        for (std::size_t at = begin; at < word.size();) {
            const std::size_t character = at;
            reference::next_character(word, at);
            reading.append(word.substr(character, at - character));
            if (reading.size() > vocabulary_.longest_token_bytes()) break;
            if (const auto id = reading.find(head, word.substr(begin, at - begin))) {
                piece_end = at;
                piece = *id;
            }
        }
        if (piece_end == begin) return unknown();
        ids.push_back(piece);
        begin = piece_end;
    }
}

std::string WordPieceTokenizer::decode(std::span<const std::int64_t> ids) const {
    std::string text;
    for (const std::int64_t id : ids) {
        if (id < 0 || id == start_id() || id == end_id() || id == pad_id() || id == unknown_id_) continue;
        std::string_view token = vocabulary_.token(static_cast<std::size_t>(id));
        if (token.empty()) continue;
        if (!text.empty()) {
            if (token.starts_with(rules_.continuation)) {
                token.remove_prefix(rules_.continuation.size());
            } else {
                text.push_back(' ');
            }
        }
        text.append(token);
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kCleanedUp{
        {{" .", "."},
         {" ?", "?"},
         {" !", "!"},
         {" ,", ","},
         {" ' ", "'"},
         {" n't", "n't"},
         {" 'm", "'m"},
         {" 's", "'s"},
         {" 've", "'ve"},
         {" 're", "'re"}}};
    for (const auto& [spaced, joined] : kCleanedUp)
        replace_all(text, spaced, joined);
    return text;
}

}  // namespace bgm
