// What became of a post: from the journal, and from MySQL where the journal has it no longer, or never had it
// because another host did. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"

namespace bgm {

class PostLookup {
 public:
    using OnPick = std::function<void(Result<std::optional<v1::Pick>>)>;
    using OnDead = std::function<void(Result<std::optional<v1::DeadLetter>>)>;
    struct Hooks {
        std::function<bool(std::int64_t seq)> analysing;  // is the post with the workers?
        /// Of a post that the journal does not hold a pick of: MySQL may, of this revision at least where it
        /// was delivered.
        std::function<void(std::string tenant, std::string post_id, std::uint32_t revision_min, OnPick done)>
            find_pick;
        /// Of a post that neither has: where dead letters are kept elsewhere. Empty: they are in the journal.
        std::function<void(std::string tenant, std::string post_id, OnDead done)> find_dead = {};
    };

    PostLookup(EventLoop& loop, Journal& journal, Hooks hooks)
        : loop_(loop), journal_(journal), hooks_(std::move(hooks)) {}

    void look_up(const nlohmann::json& request, const AdminReply& reply);

 private:
    void find_dead(const std::string& tenant, const std::string& post_id, nlohmann::json unknown,
                   const AdminReply& reply);

    EventLoop& loop_;
    Journal& journal_;
    const Hooks hooks_;
};

}  // namespace bgm
