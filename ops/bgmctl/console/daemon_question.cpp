#include "ops/bgmctl/console/daemon_question.hpp"

#include <nlohmann/json.hpp>

#include "ops/client/admin_client.hpp"

namespace bgm {

Result<nlohmann::json> ask_daemon(const BgmctlContext& context, const nlohmann::json& question) {
    auto admin = AdminClient::connect(context.settings.admin, context.deadline);
    if (!admin) return admin.error();
    return admin->request(question, context.deadline);
}

}  // namespace bgm
