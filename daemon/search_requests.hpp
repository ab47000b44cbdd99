// What bgmctl asks of the text workers when it searches the catalogue by itself.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/admin/request.hpp"
#include "daemon/pipeline/text_places.hpp"

namespace bgm {

/// {text} -> {"model", "embedding"}: where it lies among sounds. Errors are those of TextPlaces::find().
void place_text(TextPlaces& places, const nlohmann::json& request, const AdminReply& reply);

}  // namespace bgm
