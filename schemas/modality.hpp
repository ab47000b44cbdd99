// The four modalities of a post. Their order and names are used in configuration, metrics, the `modalities`
// and `degraded` columns and the names of worker processes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bgm {

enum class Modality : std::uint8_t { text, image, audio, video };

inline constexpr std::size_t kModalityCount = 4;
inline constexpr std::array kModalities{Modality::text, Modality::image, Modality::audio, Modality::video};

std::string_view name(Modality modality);
std::optional<Modality> modality_from_name(std::string_view name);

}  // namespace bgm
