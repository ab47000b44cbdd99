// `bgmctl models swap`: other models for the daemon that runs.
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Field of the admin operation (docs/admin.md) -> folder. One with a slash is a path from here; another is
/// the name of a folder in the daemon's models.dir, but for "dir" and "prompts_dir", which are paths.
using ModelParts = std::map<std::string, std::string>;

/// Returns when the new models serve, or the reason why the old ones still do.
Result<nlohmann::json> swap_models(BgmctlContext& context, const ModelParts& parts,
                                   std::chrono::milliseconds within);

/// Below `bgmctl models`.
void add_models_swap(CLI::App& models, ChosenCommand& chosen);

}  // namespace bgm
