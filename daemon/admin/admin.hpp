// The operator's socket: status, picks, dead letters, catalogue; what bgmctl talks to.
//
// ROUTER on an ipc socket that only bgmd's own user can open. Request: "BGM1/admin" and a JSON object with
// `op`; answer: "BGM1/admin" and {"ok": true, "result": ...} or {"ok": false, "error": {code, field,
// message}}. docs/admin.md lists the operations. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/pipeline/catalogue_source.hpp"
#include "daemon/store/erasure.hpp"

namespace bgm {

class Admin {
 public:
    struct Hooks {
        std::function<nlohmann::json()> status;
        std::function<bool(std::int64_t seq)> analysing;  // is the post with the workers?
        std::function<void()> resume;                     // posts wait in the journal again
        std::function<void(const ModelChange&, std::function<void(Result<nlohmann::json>)>)> swap_models;
        std::function<void(std::string tenant, std::string post_id)> forget_dead;  // its row in MySQL goes
        std::function<void(ErasureScope, std::function<void(Result<ErasedRows>)>)> erase_delivered;
    };

    static Result<std::unique_ptr<Admin>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                               Journal& journal, const MediaStore& media,
                                               CatalogueSource& catalogue, Hooks hooks);

 private:
    /// Answers one request, now or later.
    using Reply = std::function<void(Result<nlohmann::json>)>;

    Admin(EventLoop& loop, Journal& journal, const MediaStore& media, CatalogueSource& catalogue,
          Hooks hooks);

    void drain();
    void receive(Frames frames);
    void run(const nlohmann::json& request, Reply reply);
    void look(Journal::Operation operation, Journal::Done done, const Reply& reply);
    void pick(const nlohmann::json& request, const Reply& reply);
    void list_dead(const nlohmann::json& request, const Reply& reply);
    void show_dead(const nlohmann::json& request, const Reply& reply);
    void swap_models(const nlohmann::json& request, const Reply& reply);
    void erase(const nlohmann::json& request, const Reply& reply);
    /// MySQL's part, after the journal's.
    void erase_delivered(const ErasureScope& scope, std::size_t journal_posts, const Reply& reply);
    /// `retry`: back to analysis; otherwise dropped for good.
    void settle_dead(const nlohmann::json& request, bool retry, const Reply& reply);

    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    CatalogueSource& catalogue_;
    const Hooks hooks_;
    std::unique_ptr<Socket> socket_;
};

}  // namespace bgm
