// The four modalities of a post that workers read, and the moment it was made in, which nobody need read but
// which has its say in the mood. Their order and names are used in configuration, metrics, the `modalities`
// and `degraded` columns and the names of worker processes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bgm {

enum class Modality : std::uint8_t { text, image, audio, video, context };

inline constexpr std::size_t kModalityCount = 4;
inline constexpr std::array kModalities{Modality::text, Modality::image, Modality::audio, Modality::video};

/// What evidence of a mood may be of: the modalities, and behind them the context.
inline constexpr std::size_t kOpinionCount = 5;
inline constexpr std::array kOpinions{Modality::text, Modality::image, Modality::audio, Modality::video,
                                      Modality::context};

std::string_view name(Modality modality);
/// One that workers read.
std::optional<Modality> modality_from_name(std::string_view name);
/// One of kOpinions.
std::optional<Modality> opinion_from_name(std::string_view name);

}  // namespace bgm
