// The sentences that stand for the moods, read from data/prompts/*.toml: one file a language, made to be
// edited.
//
//     [templates]                      # {} stands for a word; a modality that is left out is not for this
//     text = ["a post that feels {}"]  # language (the image tower of CLIP reads English only)
//
//     [moods.sad]                      # all 13 are needed
//     words = ["sad", "heartbroken"]   # each goes into every template
//     image = ["rain on a window"]     # text, image, audio: whole sentences for one modality; optional
//
//     [affect.pleasant]                # likewise: unpleasant, excited, quiet
//     words = ["pleasant"]
//
//     [calibration.text]               # in one file, for each modality
//     temperature = 0.05
//     precision = 1.0
//
// The files are an operator's: every mistake is an error that names the file, the line and the key. Immutable
// once loaded.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// What one modality's text tower is to encode: every word in every template, then the sentences.
struct PromptTexts {
    std::array<std::vector<std::string>, kMoodCount> moods;
    std::vector<std::string> pleasant, unpleasant, excited, quiet;
    float temperature = 0;  // see fusion/mood/zero_shot_head.hpp
    float precision = 0;
};

struct PromptFile {
    std::string name;  // for errors
    std::string text;
};

class PromptSet {
 public:
    /// Every *.toml of the folder, in the order of their names. `not_found` where there is none,
    /// `invalid_argument` for a mistake in one: the error's field is the file, its message begins with the
    /// line and the key.
    static Result<PromptSet> load(const std::filesystem::path& folder);
    static Result<PromptSet> parse(std::span<const PromptFile> files);

    /// For a video: those for images, as its frames are.
    const PromptTexts& texts(Modality modality) const;

 private:
    std::array<PromptTexts, 3> texts_;  // text, image, audio
};

}  // namespace bgm
