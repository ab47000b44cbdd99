// The shipped text model as the daemon runs it: encoder, head, and the pool with nothing but text in it.
//
// Used by `bgm-train eval` and by the tests, so that every figure is one of the code that ships.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fusion/mood/head.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "ops/evaluation/corpus.hpp"
#include "schemas/result.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

struct TextAnswer {
    FusedMood fused;
    MoodDistribution evidence{};  // of the head, before the pool
    float felt = 1;
    std::array<float, kFiveMoods.size()> five_logits{};
    std::string language;
    float quality = 0;
};

class TextModel {
 public:
    /// `model_dir` holds text.safetensors and text_head.safetensors.
    static Result<TextModel> open(const std::filesystem::path& model_dir);

    Result<TextAnswer> answer(std::string_view text, std::string_view language_hint = {});

    /// Probabilities of the five moods, given that at least one of them holds (which the task's rows
    /// guarantee): p_i / (1 - product of (1 - p_j)), p = sigmoid(logit / temperature).
    std::array<float, kFiveMoods.size()> five_moods(const TextAnswer& answer) const;

 private:
    TextModel(std::unique_ptr<Encoder> encoder, LinearHead head)
        : encoder_(std::move(encoder)), head_(std::move(head)) {}

    std::unique_ptr<Encoder> encoder_;
    LinearHead head_;
    std::vector<float> five_weight_;
    std::vector<float> five_bias_;
    float five_temperature_ = 1;
};

}  // namespace bgm
