// A track of the catalogue as a client of the gateway sees it. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "fusion/catalogue/catalogue.hpp"

namespace bgm {

/// What is written of it; where it was listened to also start_ms, loudness_lufs and `ear`, its place when the
/// catalogue is drawn by ear.
nlohmann::json track_item(const Catalogue& catalogue, std::uint32_t index);

/// The double that prints as the shortest text which reads back as the same float, as in a pick: 0.3 and not
/// 0.30000001192092896.
double plain_number(float value);

}  // namespace bgm
