#include "daemon/admin/admin.hpp"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace bgm {
namespace {

using nlohmann::json;

constexpr const char* kHeader = "BGM1/admin";

}  // namespace

Admin::Admin(EventLoop& loop, Journal& journal, const MediaStore& media, DeadLetters& dead, Hooks hooks)
    : hooks_(std::move(hooks)),
      posts_(loop, journal, hooks_.posts),
      dead_(dead),
      erasure_(loop, journal, media, hooks_.erase_delivered) {}

Result<std::unique_ptr<Admin>> Admin::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                           Journal& journal, const MediaStore& media, DeadLetters& dead,
                                           Hooks hooks) {
    std::unique_ptr<Admin> admin(new Admin(loop, journal, media, dead, std::move(hooks)));
    const std::string endpoint =
        config.admin.endpoint.empty() ? "ipc://" + config.runtime_dir + "/admin.sock" : config.admin.endpoint;
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 1 << 20, .owner_only = true});
    if (!socket) return socket.error();
    admin->socket_ = std::make_unique<RequestSocket>(
        loop, std::move(*socket), EventLoop::Priority::urgent, kHeader,
        [raw = admin.get()](const json& request, const RequestSocket::Answer& answer) {
            raw->run(request, answer.reply);
        });
    return admin;
}

void Admin::show_hosts(const AdminReply& reply) const {
    HostsSeen seen;
    if (hooks_.hosts) seen = hooks_.hosts();
    // Alone, or before the first look at the others.
    if (seen.hosts.empty())
        seen.hosts.push_back({.name = "this host",
                              .unseen_ms = -seen.ago.count(),  // it is seen now
                              .status = host_status(hooks_.status(), {}).dump()});
    reply(hosts_json(seen));
}

void Admin::run(const json& request, const AdminReply& reply) {
    const std::map<std::string, std::function<void()>, std::less<>> operations{
        {"status", [&] { reply(hooks_.status()); }},
        {"status.all", [&] { show_hosts(reply); }},
        {"pick", [&] { posts_.look_up(request, reply); }},
        {"dead.list", [&] { dead_.list(request, reply); }},
        {"dead.show", [&] { dead_.show(request, reply); }},
        {"dead.retry", [&] { dead_.settle(request, true, reply); }},
        {"dead.drop", [&] { dead_.settle(request, false, reply); }},
        {"erase", [&] { erasure_.erase(request, reply); }},
        {"keys.create", [&] { hooks_.create_key(request, reply); }},
        {"keys.list", [&] { hooks_.list_keys(request, reply); }},
        {"keys.revoke", [&] { hooks_.revoke_key(request, reply); }},
        {"taste.show", [&] { hooks_.show_taste(request, reply); }},
        {"taste.rebuild", [&] { hooks_.rebuild_taste(request, reply); }},
        {"catalogue.place", [&] { hooks_.place_text(request, reply); }},
        {"heads.list", [&] { hooks_.list_heads(request, reply); }},
        {"heads.show", [&] { hooks_.show_head(request, reply); }},
        {"heads.teach", [&] { hooks_.teach_head(request, reply); }},
        {"heads.undo", [&] { hooks_.undo_head(request, reply); }},
        {"models.swap", [&] { swap_models(request, reply); }},
        {"catalogue.reload",
         [&] {
             hooks_.reload_catalogue([this, reply](const Status& loaded) {
                 if (!loaded) return reply(loaded.error());
                 reply(hooks_.status().at("catalogue"));
             });
         }},
    };
    const auto operation = operations.find(request_text(request, "op"));
    if (operation == operations.end()) return reply(invalid_request("op", "is not a known operation"));
    operation->second();
}

void Admin::swap_models(const json& request, const AdminReply& reply) {
    ModelChange change;
    const std::array<std::pair<const char*, std::optional<std::string>*>, 7> fields{
        {{"dir", &change.dir},
         {"image", &change.image},
         {"text", &change.text},
         {"audio", &change.audio},
         {"caption", &change.caption},
         {"prompts_dir", &change.prompts_dir},
         {"heads_dir", &change.heads_dir}}};
    for (const auto& [key, target] : fields) {
        const auto found = request.find(key);
        if (found == request.end()) continue;
        if (!found->is_string()) return reply(invalid_request(key, "must be a text"));
        *target = found->get<std::string>();
    }
    hooks_.swap_models(change, reply);
}

}  // namespace bgm
