// Which parts of a request a catalogue cannot meet, in words: asked where there were fewer tracks than
// wanted.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"

namespace bgm {

/// A sentence for each constraint that not one track meets; where each of them is met by some track, how many
/// of `request.tracks` were `found`. Nothing where that many were found. Looks through the whole catalogue
/// once for each constraint at most.
std::vector<std::string> unmet_by(const Catalogue& catalogue, const MatchRequest& request, std::size_t found);

}  // namespace bgm
