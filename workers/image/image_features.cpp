#include "workers/image/image_features.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "workers/image/canvas.hpp"
#include "workers/image/color_features.hpp"
#include "workers/image/composition_features.hpp"
#include "workers/image/scene_features.hpp"
#include "workers/image/texture_features.hpp"

namespace bgm {
namespace {

constexpr std::size_t kFeatureCount =
    kColorRows.size() + kTextureRows.size() + kCompositionRows.size() + kSceneRows.size();

constexpr auto concatenate_rows() {
    std::array<FeatureRow, kFeatureCount> rows{};
    auto next = rows.begin();
    next = std::copy(kColorRows.begin(), kColorRows.end(), next);
    next = std::copy(kTextureRows.begin(), kTextureRows.end(), next);
    next = std::copy(kCompositionRows.begin(), kCompositionRows.end(), next);
    std::copy(kSceneRows.begin(), kSceneRows.end(), next);
    return rows;
}
constexpr auto kRows = concatenate_rows();

constexpr std::size_t row_index(std::string_view name) {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].name == name) return i;
    }
    throw "no such feature";  // only ever evaluated by the compiler, which then stops
}

// A measurement that cannot be taken (one pixel has no texture) counts as ordinary.
float standardise(float value, const FeatureRow& row) {
    return std::isfinite(value) ? std::clamp((value - row.center) / row.spread, -1.0F, 1.0F) : 0.0F;
}

// How much there is to see. Every factor below one has its note.
void judge_quality(Encoding& encoding, const std::vector<float>& values, const RgbImage& image) {
    const auto value = [&](std::size_t index) { return values[index]; };
    constexpr std::size_t kP95 = row_index("luma_p95");
    constexpr std::size_t kLumaSd = row_index("brightness_sd");
    constexpr std::size_t kSaturationSd = row_index("saturation_sd");
    constexpr std::size_t kDetail = row_index("detail");
    constexpr std::size_t kGraphic = row_index("graphic");
    constexpr int kTinySide = 32;
    encoding.quality = 1;
    const auto lower = [&](float factor, std::string note) {
        encoding.quality *= factor;
        encoding.notes.push_back(std::move(note));
    };
    if (value(kP95) < 0.06F) {
        lower(0, "black frame");
    } else if (value(kLumaSd) < 0.012F && value(kSaturationSd) < 0.012F) {
        lower(0, "flat image");
    } else {
        // A frame between black and picture (a fade) counts by how far it has come.
        const float visible = std::clamp((value(kP95) - 0.06F) / 0.24F, 0.0F, 1.0F);
        if (visible < 1) lower(visible, "very dark image");
        const float shades =
            std::clamp((std::max(value(kLumaSd), value(kSaturationSd)) - 0.012F) / 0.06F, 0.0F, 1.0F);
        if (shades < 1) lower(shades, "hardly any contrast");
        if (value(kDetail) < 0.002F) lower(0.5F, "no detail");
        if (value(kGraphic) > 0.5F) lower(0.5F, "drawing or screenshot, not a photo");
    }
    if (std::min(image.width, image.height) < kTinySide) lower(0.3F, "tiny image");
}

}  // namespace

std::span<const FeatureRow> image_feature_rows() {
    return kRows;
}

Encoding encode_pixels(const RgbImage& image) {
    Encoding encoding;
    encoding.modality = Modality::image;
    encoding.model = kImageFeaturesModel;
    if (image.empty() || !image.consistent()) {
        encoding.embedding.assign(kFeatureCount, 0.0F);
        encoding.quality = 0;
        encoding.notes.emplace_back("empty image");
        return encoding;
    }
    const Canvas canvas = make_canvas(image);
    std::vector<float> values;
    values.reserve(kFeatureCount);
    const auto append = [&values](const auto& features) {
        values.insert(values.end(), features.begin(), features.end());
    };
    append(measure_color(canvas));
    append(measure_texture(canvas));
    append(measure_composition(canvas));
    append(measure_scene(canvas));

    encoding.embedding.resize(kFeatureCount);
    std::transform(values.begin(), values.end(), kRows.begin(), encoding.embedding.begin(), standardise);
    encoding.facts = {
        {"brightness", values[row_index("brightness")]},  {"saturation", values[row_index("saturation")]},
        {"contrast", values[row_index("brightness_sd")]}, {"colorfulness", values[row_index("colorfulness")]},
        {"warmth", values[row_index("warmth")]},
    };
    judge_quality(encoding, values, image);
    return encoding;
}

}  // namespace bgm
