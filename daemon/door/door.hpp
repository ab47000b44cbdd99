// What the gateway may ask: each operation needs a key whose digest the request names, and the key says for
// whom it is done.
//
// A ROUTER that calls the gateway's socket. The gateway parses what strangers send, so nothing that it says
// is believed: tenant and scopes are the key's, whatever the request holds. docs/door.md lists the
// operations. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/admin/dead_letters.hpp"
#include "daemon/admin/post_erasure.hpp"
#include "daemon/admin/post_lookup.hpp"
#include "daemon/admin/request_socket.hpp"
#include "daemon/config.hpp"
#include "daemon/door/event_pages.hpp"
#include "daemon/door/key_ring.hpp"
#include "daemon/door/outward_error.hpp"
#include "fusion/catalogue/catalogue.hpp"
#include "fusion/recommend/match_request.hpp"

namespace bgm {

class Door {
 public:
    struct Hooks {
        std::function<nlohmann::json()> status;
        std::function<std::vector<std::string>()> missing;  // what /readyz says
        PostLookup::Hooks posts;
        PostErasure::EraseDelivered erase_delivered;
        EventPages::Find find_events;  // in MySQL; empty: there is none
        /// The same; how many were new.
        std::function<void(std::vector<v1::Feedback>, std::function<void(Result<std::uint64_t>)>)>
            insert_feedback;
        /// The one that serves the tenant; null before there is any.
        std::function<std::shared_ptr<const Catalogue>(const std::string& tenant)> catalogue;
        std::function<void(std::function<void()>)> aside;  // runs it on another thread
        /// Where the words of a search lie among sounds; empty: nobody knows.
        std::function<void(std::string text, std::function<void(Result<SoundWish>)>)> place_text = {};
    };

    static Result<std::unique_ptr<Door>> open(const Config& config, EventLoop& loop, Messaging& messaging,
                                              Journal& journal, const MediaStore& media, DeadLetters& dead,
                                              const KeyRing& keys, Hooks hooks);

 private:
    Door(EventLoop& loop, Journal& journal, const MediaStore& media, DeadLetters& dead, const KeyRing& keys,
         Hooks hooks);

    struct Operation;
    void run(const nlohmann::json& request, const RequestSocket::Answer& answer);
    void describe_key(const ApiKey& key, const AdminReply& reply) const;
    void store_feedback(const nlohmann::json& request, const RequestSocket::Answer& answer);
    using TrackLister = std::function<Result<nlohmann::json>(const Catalogue&, const nlohmann::json&)>;
    void list(TrackLister lister, const nlohmann::json& request, const AdminReply& reply);
    void list_or_search(const nlohmann::json& request, const AdminReply& reply);
    void erase_page(nlohmann::json request, const nlohmann::json& before, const AdminReply& reply);

    EventLoop& loop_;
    const KeyRing& keys_;
    const Hooks hooks_;
    PostLookup posts_;
    DeadLetters& dead_;
    PostErasure erasure_;
    EventPages events_;
    OutwardErrors outward_;
    std::unique_ptr<RequestSocket> socket_;
};

}  // namespace bgm
