// Guesses at what is in the picture from colour, place and smoothness alone: sky above, green, water below,
// skin, sunset, night. Each is 0 where nothing speaks for it and 1 where everything does; none of them is
// certain.
#pragma once

#include <array>

#include "workers/image/canvas.hpp"
#include "workers/image/feature_row.hpp"

namespace bgm {

// Centre 0: a cue that is absent says nothing.
inline constexpr std::array kSceneRows{
    FeatureRow{"blue_sky", 0.0F, 1.0F},   FeatureRow{"clouds", 0.0F, 1.0F},
    FeatureRow{"vegetation", 0.0F, 1.0F}, FeatureRow{"water", 0.0F, 1.0F},
    FeatureRow{"snow", 0.0F, 1.0F},       FeatureRow{"skin", 0.0F, 1.0F},
    FeatureRow{"sunset", 0.0F, 1.0F},     FeatureRow{"night", 0.0F, 1.0F},
    FeatureRow{"neon", 0.0F, 1.0F},       FeatureRow{"gloom", 0.0F, 1.0F},
    FeatureRow{"fog", 0.0F, 1.0F},        FeatureRow{"pastel", 0.0F, 1.0F},
    FeatureRow{"vivid", 0.0F, 1.0F},      FeatureRow{"monochrome", 0.0F, 1.0F},
    FeatureRow{"golden", 0.0F, 1.0F},     FeatureRow{"red_dark", 0.0F, 1.0F},
    FeatureRow{"graphic", 0.0F, 1.0F},
};

using SceneFeatures = std::array<float, kSceneRows.size()>;

SceneFeatures measure_scene(const Canvas& canvas);

}  // namespace bgm
