// Words in the space of sounds: the audio model's own text tower, beside the one that reads the post's mood.
//
// Such towers were trained on English captions of sounds and read no other language. words() is for any
// thread; place() belongs to the towers' one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/text_tower.hpp"
#include "workers/process/encoder.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {

class SoundWords {
 public:
    /// `model`: what the audio model's embeddings are called.
    SoundWords(std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<TextTower> tower, std::string model);

    /// English text as ids, at most as many as the captions had that these towers learnt from.
    std::vector<std::int64_t> words(std::string_view text) const;

    struct Wish {
        std::vector<std::int64_t> words;
        Encoding* encoding;  // whose `among_sounds` is filled in
    };
    /// Errors are the tower's, and leave all as they are.
    Status place(std::span<const Wish> wishes, std::size_t rows_max);

 private:
    std::unique_ptr<Tokenizer> tokenizer_;
    std::unique_ptr<TextTower> tower_;
    std::string model_;
};

}  // namespace bgm
