// What an operator asks of the heads in service: to see them, to put a taught one in, and to take it back.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/admin/request.hpp"
#include "daemon/fleet/serving_models.hpp"

namespace bgm {

/// {} -> {"heads": [{"model", "modality", "width", "taught", "earlier"}]}
void list_heads(const ServingModels& models, const nlohmann::json& request, const AdminReply& reply);
/// {model} -> {"model", "head"}: its file, in hexadecimal digits. `not_found` where no worker answers with
/// it.
void show_head(const ServingModels& models, const nlohmann::json& request, const AdminReply& reply);
/// {head} -> {}: a file in hexadecimal digits. Errors are those of ServingModels::teach().
void teach_head(ServingModels& models, const nlohmann::json& request, const AdminReply& reply);
/// {model} -> {"model", "taught"}: whether an earlier taught one serves now.
void undo_head(ServingModels& models, const nlohmann::json& request, const AdminReply& reply);

}  // namespace bgm
