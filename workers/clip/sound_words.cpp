#include "workers/clip/sound_words.hpp"

#include <algorithm>
#include <utility>

#include "workers/clip/text_batches.hpp"

namespace bgm {
namespace {

// LAION's CLAP was trained on captions that were cut to so many.
constexpr std::size_t kTokensMax = 77;

}  // namespace

SoundWords::SoundWords(std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<TextTower> tower,
                       std::string model)
    : tokenizer_(std::move(tokenizer)), tower_(std::move(tower)), model_(std::move(model)) {}

std::vector<std::int64_t> SoundWords::words(std::string_view text) const {
    const auto most = static_cast<std::size_t>(tower_->tokens_max());
    return tokenizer_->encode(text, std::min({kTokensMax, most, tokenizer_->length_max()}));
}

Status SoundWords::place(std::span<const Wish> wishes, std::size_t rows_max) {
    std::vector<std::vector<std::int64_t>> texts;
    texts.reserve(wishes.size());
    for (const Wish& wish : wishes)
        texts.push_back(wish.words);
    auto places = embed_texts(*tower_, texts, rows_max);
    if (!places) return places.error();
    for (std::size_t i = 0; i < wishes.size(); ++i)
        wishes[i].encoding->among_sounds = AmongSounds{std::move((*places)[i]), model_};
    return ok_status();
}

}  // namespace bgm
