#include "schemas/modality.hpp"

#include "schemas/modality_traits.hpp"

namespace bgm {

std::string_view name(Modality modality) {
    return modality == Modality::context ? "context" : traits(modality).name;
}

std::optional<Modality> modality_from_name(std::string_view wanted) {
    for (Modality modality : kModalities) {
        if (name(modality) == wanted) return modality;
    }
    return std::nullopt;
}

std::optional<Modality> opinion_from_name(std::string_view wanted) {
    return wanted == name(Modality::context) ? Modality::context : modality_from_name(wanted);
}

}  // namespace bgm
