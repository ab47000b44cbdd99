// The catalogue of the database with what was heard in it, as the daemon has it in memory.
#pragma once

#include <cstdint>
#include <string>

#include "fusion/catalogue/catalogue.hpp"
#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Of the active tracks. Errors are those of the database, with advice.
Result<Catalogue> heard_catalogue(const BgmctlContext& context);

/// The same; where no database is configured, the tracks of the catalogue's file.
Result<Catalogue> any_catalogue(const BgmctlContext& context);

/// `not_found` names the track.
Result<std::uint32_t> find_active(const Catalogue& catalogue, const std::string& track_id);

}  // namespace bgm
