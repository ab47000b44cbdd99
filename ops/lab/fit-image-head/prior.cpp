#include "ops/lab/fit-image-head/prior.hpp"

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

#include "workers/image/image_features.hpp"

namespace bgm::fit {
namespace {

struct AffectRow {
    std::string_view feature;
    double valence;
    double arousal;
};

// Sizes are in units of valence and arousal (-1..1) for a feature at the end of its range.
constexpr std::array kAffectRows{
    // Valdez and Mehrabian 1994: bright and saturated pleases; dark and saturated excites.
    AffectRow{"pleasure", 0.30, 0.0},
    AffectRow{"arousal", 0.0, 0.28},
    // Machajdik and Hanbury 2010: many colours and strong contrast go with excitement, level lines with calm,
    // slanted ones
    // with movement.
    AffectRow{"colorfulness", 0.08, 0.10},
    AffectRow{"hue_entropy", 0.04, 0.04},
    AffectRow{"brightness_sd", 0.0, 0.08},
    AffectRow{"detail", -0.02, 0.12},
    AffectRow{"lines_horizontal", 0.03, -0.10},
    AffectRow{"lines_slanted", 0.0, 0.08},
    AffectRow{"depth_of_field_luma", 0.02, -0.04},
    // Bar and Neta 2006: sharp angles are disliked and alarming, curves are not.
    AffectRow{"roundness", 0.03, -0.02},
    AffectRow{"corners", -0.03, 0.03},
    // Suk and Irtel 2010: red excites, blue calms.
    AffectRow{"named_red", 0.0, 0.10},
    AffectRow{"named_blue", 0.03, -0.06},
    AffectRow{"black_share", -0.08, 0.02},
    // Scenes: Ulrich 1983 and the IAPS and GAPED ratings put nature, sky and water on the pleasant and calm
    // side.
    AffectRow{"blue_sky", 0.22, -0.06},
    AffectRow{"vegetation", 0.22, -0.15},
    AffectRow{"water", 0.18, -0.20},
    AffectRow{"snow", 0.10, -0.12},
    AffectRow{"sunset", 0.32, -0.12},
    AffectRow{"golden", 0.18, 0.0},
    AffectRow{"pastel", 0.12, -0.18},
    AffectRow{"vivid", 0.12, 0.18},
    AffectRow{"skin", 0.06, 0.08},
    AffectRow{"night", 0.05, 0.0},
    AffectRow{"neon", 0.25, 0.45},
    AffectRow{"gloom", -0.40, -0.05},
    AffectRow{"fog", -0.12, -0.30},
    AffectRow{"monochrome", -0.12, -0.08},
    AffectRow{"red_dark", -0.15, 0.15},
};

// Posts with a photo lean to the pleasant side.
constexpr double kValenceBias = 0.15;
constexpr double kArousalBias = 0.0;

struct MoodRow {
    std::string_view feature;
    Mood mood;
    double logit;  // added for a feature at 1
};

constexpr std::array kMoodRows{
    MoodRow{"sunset", Mood::beautiful, 1.0},   MoodRow{"sunset", Mood::dreamy, 0.7},
    MoodRow{"sunset", Mood::calm, 0.3},        MoodRow{"blue_sky", Mood::joyful, 0.5},
    MoodRow{"blue_sky", Mood::beautiful, 0.3}, MoodRow{"blue_sky", Mood::calm, 0.2},
    MoodRow{"vegetation", Mood::calm, 0.6},    MoodRow{"vegetation", Mood::beautiful, 0.4},
    MoodRow{"water", Mood::calm, 0.4},         MoodRow{"water", Mood::beautiful, 0.5},
    MoodRow{"water", Mood::dreamy, 0.2},       MoodRow{"snow", Mood::beautiful, 0.5},
    MoodRow{"snow", Mood::calm, 0.3},          MoodRow{"night", Mood::dreamy, 0.3},
    MoodRow{"night", Mood::scary, 0.2},        MoodRow{"neon", Mood::energizing, 1.2},
    MoodRow{"neon", Mood::joyful, 0.3},        MoodRow{"gloom", Mood::sad, 1.0},
    MoodRow{"gloom", Mood::scary, 0.9},        MoodRow{"gloom", Mood::anxious, 0.4},
    MoodRow{"fog", Mood::dreamy, 0.6},         MoodRow{"fog", Mood::sad, 0.4},
    MoodRow{"pastel", Mood::dreamy, 0.6},      MoodRow{"pastel", Mood::joyful, 0.2},
    MoodRow{"vivid", Mood::energizing, 0.6},   MoodRow{"vivid", Mood::joyful, 0.5},
    MoodRow{"vivid", Mood::triumphant, 0.2},   MoodRow{"monochrome", Mood::sad, 0.4},
    MoodRow{"monochrome", Mood::dreamy, 0.2},  MoodRow{"golden", Mood::beautiful, 0.4},
    MoodRow{"golden", Mood::joyful, 0.3},      MoodRow{"red_dark", Mood::scary, 0.4},
    MoodRow{"red_dark", Mood::erotic, 0.4},    MoodRow{"skin", Mood::joyful, 0.2},
    MoodRow{"skin", Mood::amusing, 0.2},       MoodRow{"skin", Mood::erotic, 0.15},
};

// How often a photo, by what colours can tell, means a mood. Colour says next to nothing about humour, anger
// or desire. In mood order; sums to 1.
constexpr std::array<double, kMoodCount> kMoodShares{0.04, 0.01, 0.05, 0.17, 0.16, 0.11, 0.10,
                                                     0.02, 0.01, 0.14, 0.09, 0.06, 0.04};

Eigen::Index index_of(std::string_view feature) {
    const auto rows = image_feature_rows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == feature) return static_cast<Eigen::Index>(i);
    }
    throw std::logic_error("the prior names an unknown feature: " + std::string(feature));
}

}  // namespace

ImagePrior image_prior() {
    const auto width = static_cast<Eigen::Index>(image_feature_rows().size());
    ImagePrior prior;
    prior.affect_weight = Eigen::MatrixXd::Zero(2, width);
    for (const AffectRow& row : kAffectRows) {
        prior.affect_weight(0, index_of(row.feature)) = row.valence;
        prior.affect_weight(1, index_of(row.feature)) = row.arousal;
    }
    prior.affect_bias = Eigen::Vector2d(kValenceBias, kArousalBias);
    prior.mood_weight = Eigen::MatrixXd::Zero(kMoodCount, width);
    for (const MoodRow& row : kMoodRows)
        prior.mood_weight(static_cast<Eigen::Index>(row.mood), index_of(row.feature)) = row.logit;
    prior.mood_bias = Eigen::VectorXd(kMoodCount);
    for (std::size_t k = 0; k < kMoodCount; ++k)
        prior.mood_bias(static_cast<Eigen::Index>(k)) = std::log(kMoodShares[k]);
    return prior;
}

}  // namespace bgm::fit
