// What colours do to people, measured: the pleasure/arousal/dominance equations of Valdez and Mehrabian
// (1994), the colour statistics and Itten contrasts of Machajdik and Hanbury (2010), colourfulness (Hasler
// and Suesstrunk 2003), colour names (van de Weijer et al. 2007), the brightness histogram, and where in the
// picture light and colour are.
#pragma once

#include <array>
#include <span>

#include "workers/image/canvas.hpp"
#include "workers/image/feature_row.hpp"

namespace bgm {

inline constexpr std::array kColorRows{
    FeatureRow{"brightness", 0.45F, 0.35F},
    FeatureRow{"brightness_sd", 0.22F, 0.18F},
    FeatureRow{"saturation", 0.22F, 0.25F},
    FeatureRow{"saturation_sd", 0.15F, 0.15F},
    FeatureRow{"pleasure", 0.36F, 0.25F},
    FeatureRow{"arousal", 0.0F, 0.25F},
    FeatureRow{"dominance", -0.27F, 0.27F},
    FeatureRow{"hue_red_cyan", 0.0F, 0.3F},
    FeatureRow{"hue_yellow_blue", 0.0F, 0.3F},
    FeatureRow{"hue_concentration", 0.6F, 0.4F},
    FeatureRow{"hue_entropy", 0.55F, 0.35F},
    FeatureRow{"colorfulness", 0.18F, 0.18F},
    FeatureRow{"warmth", 0.0F, 0.25F},
    FeatureRow{"warm_share", 0.3F, 0.3F},
    FeatureRow{"cool_share", 0.2F, 0.25F},
    FeatureRow{"contrast_of_light", 0.17F, 0.14F},
    FeatureRow{"contrast_of_saturation", 0.1F, 0.1F},
    FeatureRow{"contrast_of_warmth", 0.1F, 0.1F},
    FeatureRow{"black_share", 0.05F, 0.3F},
    FeatureRow{"dark_share", 0.25F, 0.3F},
    FeatureRow{"middle_share", 0.45F, 0.35F},
    FeatureRow{"light_share", 0.2F, 0.25F},
    FeatureRow{"white_share", 0.05F, 0.3F},
    FeatureRow{"luma_p05", 0.1F, 0.15F},
    FeatureRow{"luma_p50", 0.43F, 0.35F},
    FeatureRow{"luma_p95", 0.82F, 0.25F},
    FeatureRow{"named_black", 0.12F, 0.3F},
    FeatureRow{"named_blue", 0.12F, 0.3F},
    FeatureRow{"named_brown", 0.15F, 0.3F},
    FeatureRow{"named_gray", 0.25F, 0.3F},
    FeatureRow{"named_green", 0.1F, 0.3F},
    FeatureRow{"named_orange", 0.05F, 0.2F},
    FeatureRow{"named_pink", 0.03F, 0.15F},
    FeatureRow{"named_purple", 0.02F, 0.15F},
    FeatureRow{"named_red", 0.04F, 0.15F},
    FeatureRow{"named_white", 0.07F, 0.3F},
    FeatureRow{"named_yellow", 0.04F, 0.2F},
    FeatureRow{"light_top_left", 0.5F, 0.35F},
    FeatureRow{"light_top", 0.5F, 0.35F},
    FeatureRow{"light_top_right", 0.5F, 0.35F},
    FeatureRow{"light_left", 0.45F, 0.35F},
    FeatureRow{"light_center", 0.45F, 0.35F},
    FeatureRow{"light_right", 0.45F, 0.35F},
    FeatureRow{"light_bottom_left", 0.4F, 0.35F},
    FeatureRow{"light_bottom", 0.4F, 0.35F},
    FeatureRow{"light_bottom_right", 0.4F, 0.35F},
    FeatureRow{"warmth_top", 0.0F, 0.3F},
    FeatureRow{"warmth_middle", 0.0F, 0.3F},
    FeatureRow{"warmth_bottom", 0.0F, 0.3F},
    FeatureRow{"saturation_top", 0.22F, 0.25F},
    FeatureRow{"saturation_middle", 0.22F, 0.25F},
    FeatureRow{"saturation_bottom", 0.22F, 0.25F},
};

using ColorFeatures = std::array<float, kColorRows.size()>;

ColorFeatures measure_color(const Canvas& canvas);

}  // namespace bgm
