// How a picture feels to the touch: Tamura's coarseness, contrast and directionality (Tamura, Mori and
// Yamawaki 1978), the co-occurrence statistics of Haralick (1973), and the energy of three levels of a Haar
// wavelet, as in Machajdik and Hanbury (2010).
#pragma once

#include <array>

#include "workers/image/canvas.hpp"
#include "workers/image/feature_row.hpp"

namespace bgm {

inline constexpr std::array kTextureRows{
    FeatureRow{"coarseness", 0.45F, 0.35F},
    FeatureRow{"tamura_contrast", 0.17F, 0.13F},
    FeatureRow{"directionality", 0.25F, 0.3F},
    FeatureRow{"glcm_contrast", 0.06F, 0.08F},
    FeatureRow{"glcm_correlation", 0.85F, 0.25F},
    FeatureRow{"glcm_energy", 0.15F, 0.3F},
    FeatureRow{"glcm_homogeneity", 0.75F, 0.25F},
    FeatureRow{"wavelet_luma_fine", 0.03F, 0.03F},
    FeatureRow{"wavelet_luma_middle", 0.05F, 0.05F},
    FeatureRow{"wavelet_luma_coarse", 0.07F, 0.06F},
    FeatureRow{"wavelet_saturation_fine", 0.02F, 0.03F},
    FeatureRow{"wavelet_saturation_middle", 0.03F, 0.03F},
    FeatureRow{"wavelet_saturation_coarse", 0.04F, 0.04F},
};

using TextureFeatures = std::array<float, kTextureRows.size()>;

TextureFeatures measure_texture(const Canvas& canvas);

}  // namespace bgm
