// What an operator asks of tastes: one person's shown, and all of them learnt again.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/admin/request.hpp"
#include "daemon/pipeline/taste_learner.hpp"

namespace bgm {

/// {tenant, user_id} -> what is known of him, the strongest first. `learner` is null without MySQL:
/// `unsupported`. `not_found` where nothing is known.
void show_taste(TasteLearner* learner, const nlohmann::json& request, const AdminReply& reply);

/// {tenant, user_id} or {tenant, after} -> {"listeners", "next"}: of one user, or some of the tenant's; null
/// for `next` says that those were the last.
void rebuild_taste(TasteLearner* learner, const nlohmann::json& request, const AdminReply& reply);

}  // namespace bgm
