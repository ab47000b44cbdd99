// What the modalities differ in, a row for each: what they are called, and how a post carries them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "schemas/bgm.pb.h"
#include "schemas/modality.hpp"
#include "schemas/validate.hpp"

namespace bgm {

struct ModalityTraits {
    Modality modality;
    std::string_view name;
    std::optional<v1::Asset::Kind> asset;  // none: it is the post's own text
    std::size_t PostLimits::*bytes_max;    // of one
};

/// In the order of Modality.
inline constexpr std::array<ModalityTraits, kModalityCount> kModalityTraits{{
    {Modality::text, "text", std::nullopt, &PostLimits::text_bytes_max},
    {Modality::image, "image", v1::Asset::IMAGE, &PostLimits::image_bytes_max},
    {Modality::audio, "audio", v1::Asset::AUDIO, &PostLimits::audio_bytes_max},
    {Modality::video, "video", v1::Asset::VIDEO, &PostLimits::video_bytes_max},
}};

constexpr const ModalityTraits& traits(Modality modality) {
    return kModalityTraits.at(static_cast<std::size_t>(modality));
}

/// Null for a kind that no modality is sent as.
constexpr const ModalityTraits* traits(v1::Asset::Kind kind) {
    for (const ModalityTraits& each : kModalityTraits) {
        if (each.asset == kind) return &each;
    }
    return nullptr;
}

}  // namespace bgm
