#include "schemas/modality.hpp"

#include "schemas/modality_traits.hpp"

namespace bgm {

std::string_view name(Modality modality) {
    return traits(modality).name;
}

std::optional<Modality> modality_from_name(std::string_view wanted) {
    for (Modality modality : kModalities) {
        if (name(modality) == wanted) return modality;
    }
    return std::nullopt;
}

}  // namespace bgm
