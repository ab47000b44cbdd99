// Opening a directory: which kind of tokeniser its files make, and what it is called with.
#include <algorithm>
#include <optional>

#include "workers/tokenizers/byte_level_tokenizer.hpp"
#include "workers/tokenizers/clip_tokenizer.hpp"
#include "workers/tokenizers/tokenizer_files.hpp"
#include "workers/tokenizers/word_piece_tokenizer.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

enum class Kind { clip, word_piece, byte_level };

// The names are those of the published models; no model of these kinds has others.
struct KindTraits {
    std::string_view start;
    std::string_view end;
    std::string_view pad;
    std::string_view unknown;
    std::string_view mask;
    std::size_t length_max;
};

KindTraits traits_of(Kind kind) {
    switch (kind) {
        case Kind::clip:
            return {"<|startoftext|>", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "", 77};
        case Kind::word_piece:
            return {"[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", 128};
        case Kind::byte_level:
            break;
    }
    return {"<s>", "</s>", "<pad>", "<unk>", "<mask>", 512};
}

// All that a tokeniser is made of, whichever files it came from.
struct Parts {
    fs::path file;  // what errors name
    Kind kind;
    TokenizerDocument document;
    TokenizerSettings settings;
    TokenizerFrame frame = {};
    std::optional<std::uint32_t> unknown_id = {};
};

// Symbols at the end of a word carry </w> in CLIP's vocabulary and nothing in RoBERTa's.
Kind kind_of_byte_pairs(const TokenizerDocument& document) {
    return document.word_end.empty() ? Kind::byte_level : Kind::clip;
}

Result<Parts> read_parts(const fs::path& directory) {
    auto settings = read_tokenizer_settings(directory);
    if (!settings) return settings.error();
    std::error_code ignored;
    const auto has = [&](const char* name) { return fs::exists(directory / name, ignored); };

    if (has("vocab.txt")) {
        auto vocabulary = read_vocabulary_lines(directory / "vocab.txt");
        if (!vocabulary) return vocabulary.error();
        Parts parts{.file = directory / "vocab.txt",
                    .kind = Kind::word_piece,
                    .document = {.vocabulary = std::move(*vocabulary)},
                    .settings = *settings};
        // An uncased vocabulary has no capital letter, so that nothing else can be meant.
        WordPieceRules& rules = parts.document.word_piece;
        rules.lower_case = !parts.document.vocabulary.find("A").has_value();
        rules.strip_accents = rules.lower_case;
        return parts;
    }
    if (has("vocab.json") && has("merges.txt")) {
        auto vocabulary = read_vocabulary_json(directory / "vocab.json");
        if (!vocabulary) return vocabulary.error();
        auto merges = read_merges(directory / "merges.txt");
        if (!merges) return merges.error();
        TokenizerDocument document{.vocabulary = std::move(*vocabulary), .merges = std::move(*merges)};
        if (document.vocabulary.find("a</w>")) document.word_end = "</w>";
        const Kind kind = kind_of_byte_pairs(document);
        if (kind == Kind::clip) document.unknown = traits_of(kind).unknown;
        return Parts{.file = directory / "merges.txt",
                     .kind = kind,
                     .document = std::move(document),
                     .settings = *settings};
    }
    if (has("tokenizer.json")) {
        auto document = read_tokenizer_document(directory / "tokenizer.json");
        if (!document) return document.error();
        const Kind kind = document->merges ? kind_of_byte_pairs(*document) : Kind::word_piece;
        return Parts{.file = directory / "tokenizer.json",
                     .kind = kind,
                     .document = std::move(*document),
                     .settings = *settings};
    }
    return file_error(directory, ErrorCode::not_found,
                      "there is neither vocab.txt, nor vocab.json with merges.txt, nor tokenizer.json");
}

std::optional<std::int64_t> special_id(const Parts& parts, std::string_view name) {
    for (const SpecialLiteral& special : parts.document.specials) {
        if (special.text == name) return special.id;
    }
    if (const auto id = parts.document.vocabulary.find(name)) return *id;
    return std::nullopt;
}

// The literals that a directory without tokenizer.json has: transformers makes them of the names.
std::vector<SpecialLiteral> named_literals(const Parts& parts, const KindTraits& traits) {
    std::vector<SpecialLiteral> literals;
    for (const std::string_view name : {traits.start, traits.end, traits.pad, traits.unknown, traits.mask}) {
        const bool known = std::any_of(literals.begin(), literals.end(),
                                       [&](const SpecialLiteral& literal) { return literal.text == name; });
        if (known) continue;
        if (const auto id = special_id(parts, name)) {
            literals.push_back({.text = std::string(name),
                                .id = *id,
                                .takes_space_before = parts.kind == Kind::byte_level && name == traits.mask});
        }
    }
    return literals;
}

Status fill_frame(Parts& parts, const TokenizerOptions& options) {
    const KindTraits traits = traits_of(parts.kind);
    const auto find = [&](std::string_view name, std::int64_t& id) -> Status {
        const auto found = special_id(parts, name);
        if (!found) {
            return file_error(parts.file, ErrorCode::corrupt, "its vocabulary has no " + std::string(name));
        }
        id = *found;
        return ok_status();
    };
    TokenizerFrame& frame = parts.frame;
    if (auto status = find(traits.start, frame.start_id); !status) return status;
    if (auto status = find(traits.end, frame.end_id); !status) return status;
    if (auto status = find(traits.pad, frame.pad_id); !status) return status;
    frame.ids_end = parts.document.vocabulary.ids_end();
    for (const SpecialLiteral& special : parts.document.specials)
        frame.ids_end = std::max(frame.ids_end, static_cast<std::size_t>(special.id) + 1);
    frame.length_max =
        options.length_max != 0 ? options.length_max : parts.settings.length_max.value_or(traits.length_max);
    if (options.special_literals) {
        frame.literals =
            parts.document.specials.empty() ? named_literals(parts, traits) : parts.document.specials;
    }
    if (!parts.document.unknown.empty()) {
        parts.unknown_id = parts.document.vocabulary.find(parts.document.unknown);
    }
    return ok_status();
}

Result<std::unique_ptr<WordPieceTokenizer>> make_word_piece(Parts parts, const TokenizerOptions& options) {
    WordPieceRules rules = std::move(parts.document.word_piece);
    if (parts.settings.lower_case && *parts.settings.lower_case != rules.lower_case) {
        rules.lower_case = *parts.settings.lower_case;
        rules.strip_accents = rules.lower_case;  // what transformers takes it for where it is not given
    }
    rules.strip_accents = parts.settings.strip_accents.value_or(rules.strip_accents);
    rules.split_ideographs = parts.settings.split_ideographs.value_or(rules.split_ideographs);
    rules.compose = options.compose;
    if (parts.document.unknown.empty())
        parts.unknown_id = parts.document.vocabulary.find(traits_of(Kind::word_piece).unknown);
    if (!parts.unknown_id)
        return file_error(parts.file, ErrorCode::corrupt, "its vocabulary has no token for unknown words");
    return std::make_unique<WordPieceTokenizer>(std::move(parts.frame), std::move(parts.document.vocabulary),
                                                std::move(rules), *parts.unknown_id);
}

}  // namespace

Result<std::unique_ptr<WordPieceTokenizer>> open_word_piece_tokenizer(const fs::path& directory,
                                                                      const TokenizerOptions& options) {
    auto parts = read_parts(directory);
    if (!parts) return parts.error();
    if (parts->kind != Kind::word_piece)
        return file_error(directory, ErrorCode::unsupported, "its tokeniser is not WordPiece");
    if (auto status = fill_frame(*parts, options); !status) return status.error();
    return make_word_piece(std::move(*parts), options);
}

Result<std::unique_ptr<Tokenizer>> open_tokenizer(const fs::path& directory,
                                                  const TokenizerOptions& options) {
    auto parts = read_parts(directory);
    if (!parts) return parts.error();
    if (auto status = fill_frame(*parts, options); !status) return status.error();
    if (parts->kind == Kind::word_piece) {
        auto tokenizer = make_word_piece(std::move(*parts), options);
        if (!tokenizer) return tokenizer.error();
        return std::unique_ptr<Tokenizer>(std::move(*tokenizer));
    }
    auto pairs = BytePairs::make(parts->document.vocabulary, parts->document.merges->merges,
                                 parts->document.word_end, parts->unknown_id);
    if (!pairs) return file_error(parts->file, pairs.error().code, pairs.error().message);
    if (parts->kind == Kind::clip) {
        return std::unique_ptr<Tokenizer>(
            std::make_unique<ClipTokenizer>(std::move(parts->frame), std::move(*pairs)));
    }
    const bool add_prefix_space = parts->settings.add_prefix_space.value_or(parts->document.add_prefix_space);
    return std::unique_ptr<Tokenizer>(
        std::make_unique<ByteLevelTokenizer>(std::move(parts->frame), std::move(*pairs), add_prefix_space));
}

}  // namespace bgm
