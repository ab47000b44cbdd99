// How a picture is laid out: the composition features of Machajdik and Hanbury (2010) (level of detail, low
// depth of field, dynamics of lines, rule of thirds), symmetry, and the horizon.
#pragma once

#include <array>

#include "workers/image/canvas.hpp"
#include "workers/image/feature_row.hpp"

namespace bgm {

inline constexpr std::array kCompositionRows{
    FeatureRow{"detail", 0.15F, 0.2F},
    FeatureRow{"depth_of_field_luma", 0.2F, 0.25F},
    FeatureRow{"depth_of_field_saturation", 0.2F, 0.25F},
    FeatureRow{"symmetry_left_right", 0.7F, 0.25F},
    FeatureRow{"symmetry_top_bottom", 0.65F, 0.25F},
    FeatureRow{"lines_horizontal", 0.35F, 0.3F},
    FeatureRow{"lines_vertical", 0.3F, 0.3F},
    FeatureRow{"lines_slanted", 0.35F, 0.3F},
    FeatureRow{"roundness", 0.4F, 0.25F},
    FeatureRow{"corners", 0.1F, 0.15F},
    FeatureRow{"thirds_luma", 0.0F, 0.25F},
    FeatureRow{"thirds_saturation", 0.0F, 0.2F},
    FeatureRow{"edges_x", 0.5F, 0.15F},
    FeatureRow{"edges_y", 0.55F, 0.15F},
    FeatureRow{"edges_spread", 0.5F, 0.2F},
    FeatureRow{"horizon", 0.15F, 0.2F},
    FeatureRow{"portrait", 0.0F, 0.7F},
};

using CompositionFeatures = std::array<float, kCompositionRows.size()>;

CompositionFeatures measure_composition(const Canvas& canvas);

}  // namespace bgm
