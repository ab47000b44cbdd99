// The operator's socket: status, picks, dead letters, catalogue; what bgmctl talks to.
//
// ROUTER on an ipc socket that only bgmd's own user can open. Request: "BGM1/admin" and a JSON object with
// `op`; answer: "BGM1/admin" and {"ok": true, "result": ...} or {"ok": false, "error": {code, field,
// message}}. docs/admin.md lists the operations. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/admin/dead_letters.hpp"
#include "daemon/admin/post_erasure.hpp"
#include "daemon/admin/post_lookup.hpp"
#include "daemon/admin/request_socket.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/cluster/host_status.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class Admin {
 public:
    struct Hooks {
        std::function<nlohmann::json()> status;
        PostLookup::Hooks posts;
        std::function<void(const ModelChange&, AdminReply)> swap_models;
        PostErasure::EraseDelivered erase_delivered;
        std::function<void(std::function<void(Status)>)> reload_catalogue;
        using Operation = std::function<void(const nlohmann::json& request, AdminReply)>;
        Operation create_key;
        Operation list_keys;
        Operation revoke_key;
        Operation show_taste = {};
        Operation rebuild_taste = {};
        Operation place_text = {};  // of a search, among sounds
        Operation list_heads = {};
        Operation show_head = {};
        Operation teach_head = {};
        Operation undo_head = {};
        std::function<HostsSeen()> hosts = {};  // that share the queue; none: this one has it alone
    };

    static Result<std::unique_ptr<Admin>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                               Journal& journal, const MediaStore& media, DeadLetters& dead,
                                               Hooks hooks);

 private:
    Admin(EventLoop& loop, Journal& journal, const MediaStore& media, DeadLetters& dead, Hooks hooks);

    void run(const nlohmann::json& request, const AdminReply& reply);
    void show_hosts(const AdminReply& reply) const;
    void swap_models(const nlohmann::json& request, const AdminReply& reply);

    const Hooks hooks_;
    PostLookup posts_;
    DeadLetters& dead_;
    PostErasure erasure_;
    std::unique_ptr<RequestSocket> socket_;
};

}  // namespace bgm
