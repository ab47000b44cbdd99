#include "workers/audio/sound_quality.hpp"

#include <algorithm>

namespace bgm {

float sound_quality(const Loudness& loudness, std::vector<std::string>& notes, float enough_s) {
    if (loudness.integrated_db < -60 || loudness.sounding_s < 0.02F) {
        notes.emplace_back("silent");
        return 0;
    }
    const float quality = std::clamp(loudness.sounding_s / enough_s, 0.0F, 1.0F);
    if (loudness.sounding_s >= kTooShortSeconds) return quality;
    notes.emplace_back("less than half a second of sound");
    return quality * 0.3F;
}

}  // namespace bgm
