// A post's text on its way to the text tower: cleaned, judged, tokenised.
//
// Belongs to one thread. Links, @mentions and markers of others' names are left out: whom a post is about
// says nothing of its mood, and no user name may leave a trace in an embedding.
#pragma once

#include <memory>

#include "workers/clip/clip_task.hpp"
#include "workers/clip/sound_words.hpp"
#include "workers/text/grave.hpp"
#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {

class TextStage {
 public:
    /// `tokens_max`: of the tower, special tokens included. `sound_words`, null where there is no such model,
    /// is borrowed: English text is made ready for it, too.
    TextStage(std::unique_ptr<Tokenizer> tokenizer, std::size_t tokens_max,
              const SoundWords* sound_words = nullptr, GraveReader grave = {});

    /// `invalid_argument` where the text is not valid UTF-8. The encoding's quality follows from how many
    /// tokens carry meaning; its language is "ko", "en" or "other", which costs a little quality: the tower
    /// reads some fifty languages, but nobody has measured how well.
    Result<ClipTask::Text> prepare(const EncodeTask& task) const;

 private:
    std::unique_ptr<Tokenizer> tokenizer_;
    std::size_t tokens_max_;
    const SoundWords* sound_words_;
    GraveReader grave_;
};

}  // namespace bgm
