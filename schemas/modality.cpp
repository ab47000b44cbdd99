#include "schemas/modality.hpp"

namespace bgm {
namespace {
constexpr std::array<std::string_view, kModalityCount> kNames{"text", "image", "audio", "video"};
}

std::string_view name(Modality modality) {
    return kNames.at(static_cast<std::size_t>(modality));
}

std::optional<Modality> modality_from_name(std::string_view wanted) {
    for (Modality modality : kModalities) {
        if (name(modality) == wanted) return modality;
    }
    return std::nullopt;
}

}  // namespace bgm
