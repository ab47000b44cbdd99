#include "ops/lab/make-media-heads/video_head.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "ops/lab/make-media-heads/linear_weights.hpp"
#include "schemas/safetensors.hpp"
#include "workers/image/image_features.hpp"
#include "workers/video/video_embedding.hpp"

namespace bgm::heads {
namespace {

struct MotionWeight {
    std::string_view row;
    float valence, arousal;  // for a value at the end of its range
};

// Moving pictures excite more than still ones, whatever they show, and change valence little (Detenber,
// Simons and Bennett 1998; Simons et al. 1999); so do cuts (Lang, Zhou, Schwartz, Bolls and Potter 2000).
// Steady light is calm.
constexpr std::array kMotionWeights{
    MotionWeight{"motion", 0.02F, 0.35F},
    MotionWeight{"motion_peak", 0.0F, 0.10F},
    MotionWeight{"scene_changes", 0.02F, 0.15F},
    MotionWeight{"light_changes", -0.03F, 0.06F},
};

constexpr float kPlaneDeviation = 0.5F;

struct ImageHead {
    std::vector<float> mood_weight, mood_bias, affect_weight, affect_bias;
};

Result<std::vector<float>> read(const SafeTensors& file, std::string_view name, std::size_t count) {
    const auto tensor = file.find(name);
    if (!tensor) return tensor.error();
    auto values = to_floats(*tensor);
    if (values && values->size() != count) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the tensor has " + std::to_string(values->size()) + " elements, not " +
                                std::to_string(count) + ": was it made for other features?",
                     .field = std::string(name)};
    }
    return values;
}

}  // namespace

Result<std::string> make_video_head(std::span<const std::byte> image_head) {
    const auto file = SafeTensors::parse(image_head);
    if (!file) return file.error();
    const std::size_t image_size = image_feature_rows().size();
    const auto mood_weight = read(*file, "mood.weight", kMoodCount * image_size);
    if (!mood_weight) return mood_weight.error();
    const auto mood_bias = read(*file, "mood.bias", kMoodCount);
    if (!mood_bias) return mood_bias.error();
    const auto affect_weight = read(*file, "affect.weight", 2 * image_size);
    if (!affect_weight) return affect_weight.error();
    const auto affect_bias = read(*file, "affect.bias", 2);
    if (!affect_bias) return affect_bias.error();

    const auto rows = motion_feature_rows();
    LinearWeights weights(image_size + rows.size());
    for (const MotionWeight& motion : kMotionWeights) {
        const auto found = std::find_if(rows.begin(), rows.end(),
                                        [&](const FeatureRow& row) { return row.name == motion.row; });
        if (found == rows.end()) {
            return Error{
                .code = ErrorCode::internal, .message = "no such row", .field = std::string(motion.row)};
        }
        const std::size_t input = image_size + static_cast<std::size_t>(found - rows.begin());
        weights.valence[input] = motion.valence;
        weights.arousal[input] = motion.arousal;
    }
    weights.add_slopes_on_the_plane(kPlaneDeviation);
    for (std::size_t i = 0; i < image_size; ++i) {
        weights.valence[i] = (*affect_weight)[i];
        weights.arousal[i] = (*affect_weight)[image_size + i];
        for (std::size_t m = 0; m < kMoodCount; ++m) {
            weights.add(static_cast<Mood>(m), i, (*mood_weight)[m * image_size + i]);
        }
    }
    weights.mood_bias = *mood_bias;
    weights.valence_bias = (*affect_bias)[0];
    weights.arousal_bias = (*affect_bias)[1];

    // How sharp and how reliable the image head is holds for videos as well; what was measured on stills does
    // not.
    std::map<std::string, std::string> described;
    for (const char* key : {"temperature", "precision", "license"}) {
        if (const auto found = file->metadata().find(key); found != file->metadata().end())
            described.insert(*found);
    }
    described["model"] = kVideoModel;
    described["modality"] = "video";
    described["made_by"] = "bgm-make-media-heads";
    return weights.to_safetensors(described);
}

}  // namespace bgm::heads
