// What listeners did, as a client of the gateway tells it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// `request["items"]`: 1 to 1000 objects of the form of bgm.v1.Feedback, each as validate_feedback() wants
/// it. The error names the field: "items[3].action".
Result<std::vector<v1::Feedback>> read_feedback(const nlohmann::json& request);

}  // namespace bgm
