// Embeddings with what people say they feel like: one JSON object a line.
//
//     {"model": "clip-vit-base-patch32@1a2b3c4d", "modality": "image", "embedding": [0.01, ...],
//      "moods": {"joyful": 1}, "valence": 0.6, "arousal": 0.2}
//
// `embedding` must be there; `moods` (weights, brought to a sum of 1) and `valence` with `arousal` (-1..1)
// may be. `model` and `modality` say whose embeddings they are; all lines that have them must agree. Other
// keys are passed over.
//
// Plain values. Errors name the file and the line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "ops/evaluation/measures.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct LabelledEmbedding {
    std::vector<float> embedding;
    MoodDistribution moods{};  // all 0 where the row has none
    std::optional<Affect> affect = {};

    bool has_moods() const;
    GoldMoods gold() const;  // those with any weight
};

struct LabelledEmbeddings {
    std::string model;  // empty where no line says it
    std::optional<Modality> modality;
    std::vector<LabelledEmbedding> rows;

    std::size_t width() const { return rows.empty() ? 0 : rows.front().embedding.size(); }
};

/// The rows of all files, in order. `not_found` for a file that cannot be read, `corrupt` for a line that is
/// not as above, `too_large` for one of more than 8 MB or 65,536 numbers.
Result<LabelledEmbeddings> read_labelled_embeddings(const std::vector<std::filesystem::path>& files);

/// One line, with its end.
std::string to_line(const LabelledEmbedding& row, const std::string& model, Modality modality);

}  // namespace bgm::train
