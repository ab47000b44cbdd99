// The operator's socket: status, picks, dead letters, catalogue; what bgmctl talks to.
//
// ROUTER on an ipc socket that only bgmd's own user can open. Request: "BGM1/admin" and a JSON object with
// `op`; answer: "BGM1/admin" and {"ok": true, "result": ...} or {"ok": false, "error": {code, field,
// message}}. docs/admin.md lists the operations. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/admin/dead_letters.hpp"
#include "daemon/admin/post_erasure.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class Admin {
 public:
    struct Hooks {
        std::function<nlohmann::json()> status;
        std::function<bool(std::int64_t seq)> analysing;  // is the post with the workers?
        std::function<void()> resume;                     // posts wait in the journal again
        std::function<void(const ModelChange&, AdminReply)> swap_models;
        std::function<void(std::string tenant, std::string post_id)> forget_dead;  // its row in MySQL goes
        PostErasure::EraseDelivered erase_delivered;
        std::function<void(std::function<void(Status)>)> reload_catalogue;
        /// Of a post that the journal does not hold a pick of: MySQL may.
        std::function<void(std::string tenant, std::string post_id,
                           std::function<void(Result<std::optional<v1::Pick>>)>)>
            find_pick;
    };

    static Result<std::unique_ptr<Admin>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                               Journal& journal, const MediaStore& media, Hooks hooks);

 private:
    Admin(EventLoop& loop, Journal& journal, const MediaStore& media, Hooks hooks);

    void drain();
    void receive(Frames frames);
    void run(const nlohmann::json& request, AdminReply reply);
    void pick(const nlohmann::json& request, const AdminReply& reply);
    void swap_models(const nlohmann::json& request, const AdminReply& reply);

    EventLoop& loop_;
    Journal& journal_;
    const Hooks hooks_;
    DeadLetters dead_;
    PostErasure erasure_;
    std::unique_ptr<Socket> socket_;
};

}  // namespace bgm
