#include "workers/video/video_embedding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

namespace bgm {
namespace {

enum MotionRow : std::size_t { kMotion, kMotionPeak, kSceneChanges, kLightChanges };

// Movement is judged in ratios: from a tripod (0.02 a second) over a hand-held camera (0.2) to sports and
// dance (2).
constexpr std::array<FeatureRow, 4> kRows{{
    {"motion", -2.3F, 3.0F},       // log2 of the mean change of luma per second
    {"motion_peak", -1.0F, 3.0F},  // log2 of the highest
    {"scene_changes", 0.4F, 0.4F},
    {"light_changes", 0.08F, 0.12F},  // deviation of the pictures' brightness
}};

constexpr float kSceneChangeShare = 0.4F;  // of the picture has other colours than before

float scaled(MotionRow row, float value) {
    return std::clamp((value - kRows[row].center) / kRows[row].spread, -1.0F, 1.0F);
}

float changed_share(const ColourShares& before, const ColourShares& after) {
    float common = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        common += std::min(before[i], after[i]);
    return 1 - common;
}

float deviation_of(std::span<const PictureInTime> pictures, const std::string& fact) {
    float sum = 0, squares = 0, count = 0;
    for (const PictureInTime& picture : pictures) {
        const auto found = picture.encoding.facts.find(fact);
        if (found == picture.encoding.facts.end()) continue;
        sum += found->second;
        squares += found->second * found->second;
        ++count;
    }
    if (count == 0) return 0;
    const float mean = sum / count;
    return std::sqrt(std::max(0.0F, squares / count - mean * mean));
}

std::vector<float> motion_values(std::span<const PictureInTime> pictures, Encoding& encoding) {
    std::vector<float> values(kRows.size(), 0.0F);
    float sum = 0, highest = 0, count = 0;
    for (const PictureInTime& picture : pictures) {
        if (picture.motion < 0) continue;
        sum += picture.motion;
        highest = std::max(highest, picture.motion);
        ++count;
    }
    if (count > 0) {
        encoding.facts["motion"] = sum / count;
        values[kMotion] = scaled(kMotion, std::log2(sum / count + 0.01F));
        values[kMotionPeak] = scaled(kMotionPeak, std::log2(highest + 0.01F));
    }
    if (pictures.size() > 1) {
        float changes = 0;
        for (std::size_t i = 1; i < pictures.size(); ++i) {
            if (changed_share(pictures[i - 1].colours, pictures[i].colours) > kSceneChangeShare) ++changes;
        }
        const float share = changes / static_cast<float>(pictures.size() - 1);
        encoding.facts["scene_changes"] = share;
        values[kSceneChanges] = scaled(kSceneChanges, share);
        values[kLightChanges] = scaled(kLightChanges, deviation_of(pictures, "brightness"));
    }
    return values;
}

}  // namespace

std::span<const FeatureRow> motion_feature_rows() {
    return kRows;
}

ColourShares colour_shares(const RgbImage& image) {
    ColourShares shares{};
    if (image.empty() || !image.consistent()) return shares;
    const float part = 3.0F / static_cast<float>(image.pixels.size());
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
        const int bin = image.pixels[i] / 64 * 16 + image.pixels[i + 1] / 64 * 4 + image.pixels[i + 2] / 64;
        shares[static_cast<std::size_t>(bin)] += part;
    }
    return shares;
}

Encoding combine_pictures(std::span<const PictureInTime> pictures) {
    Encoding encoding;
    encoding.modality = Modality::video;
    encoding.model = kVideoModel;
    encoding.quality = 0;
    if (pictures.empty()) {
        encoding.notes.emplace_back("no pictures");
        return encoding;
    }
    std::vector<float> mean(pictures.front().encoding.embedding.size());
    std::map<std::string, float> facts;
    float weights = 0, usable = 0;
    for (const PictureInTime& picture : pictures) {
        const float weight = picture.encoding.quality;
        if (weight <= 0) continue;
        weights += weight;
        ++usable;
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += weight * picture.encoding.embedding[i];
        for (const auto& [fact, value] : picture.encoding.facts)
            facts[fact] += weight * value;
    }
    if (weights > 0) {
        for (float& value : mean)
            value /= weights;
        for (auto& [fact, value] : facts)
            value /= weights;
        encoding.facts = std::move(facts);
        encoding.quality = std::clamp(weights / usable, 0.0F, 1.0F);
        if (2 * usable < static_cast<float>(pictures.size()))
            encoding.notes.emplace_back("mostly black or blank");
    } else {
        // Why the pictures say nothing, once for each reason.
        for (const PictureInTime& picture : pictures) {
            for (const std::string& note : picture.encoding.notes) {
                if (std::find(encoding.notes.begin(), encoding.notes.end(), note) == encoding.notes.end()) {
                    encoding.notes.push_back(note);
                }
            }
        }
    }
    encoding.facts["frames"] = static_cast<float>(pictures.size());
    const std::vector<float> motion = motion_values(pictures, encoding);
    encoding.embedding = std::move(mean);
    encoding.embedding.insert(encoding.embedding.end(), motion.begin(), motion.end());
    return encoding;
}

}  // namespace bgm
