// The trained text network in plain numbers, between the trainer (libtorch) and the weight files.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm::train {

struct TrainedTable {
    std::vector<std::uint32_t> features;  // ascending
    std::size_t width = 0;
    std::vector<float> rows;  // [features, width]
};

/// Row-major [outputs, inputs] and [outputs].
struct TrainedLayer {
    std::size_t outputs = 0;
    std::size_t inputs = 0;
    std::vector<float> weight;
    std::vector<float> bias;
};

struct TrainedText {
    TrainedTable words;
    TrainedTable characters;
    TrainedLayer hidden;
    TrainedLayer mood;                             // 13
    TrainedLayer affect;                           // valence, arousal
    TrainedLayer felt;                             // one logit: whether there is anything to feel
    TrainedLayer five_moods;                       // logits of the five-mood task
    std::array<double, kMoodCount> mood_shares{};  // how often each mood is meant in the training sets
};

inline constexpr const char* kTextModel = "builtin-text-4";
inline constexpr const char* kGraveModel = "builtin-grave-3";

/// text.safetensors: what the encoder reads. Rows are rounded to 8 bits, each row with its own scale.
Status write_text_weights(const TrainedText& trained, const std::filesystem::path& file);

struct TrainedGrave {
    TrainedTable words;
    TrainedTable characters;
    TrainedLayer hidden;
    TrainedLayer grave;        // logits of "any" and of each subject
    std::vector<float> probe;  // see grave_network.hpp
    std::string phrases;       // the lexicon_digest of what was drawn from
};

/// grave.safetensors: what workers/text/grave_network.hpp reads.
Status write_grave_weights(const TrainedGrave& trained, const std::filesystem::path& file);

/// text_head.safetensors: what turns the embedding into mood; the five-mood layer rides along for evaluation.
/// `lexicon` is the lexicon_digest of what was trained on.
Status write_text_head(const TrainedText& trained, float temperature, const std::string& lexicon,
                       const std::filesystem::path& file);

}  // namespace bgm::train
