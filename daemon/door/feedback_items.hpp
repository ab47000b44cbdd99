// What listeners did, as a client of the gateway tells it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// `request["items"]`: 1 to 1000 objects with post_id, track_id, action, happened_at and, if wanted, user_id.
/// The tenant is the one given here; an object that names one is refused. `invalid_argument` names the
/// field: "items[3].action".
Result<std::vector<v1::Feedback>> read_feedback(const nlohmann::json& request, const std::string& tenant);

/// An error of the table, which says "feedback[3].user_id", in the client's words.
Error in_items(Error error);

}  // namespace bgm
