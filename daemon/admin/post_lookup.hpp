// What became of a post: from the journal, and from MySQL where the journal no longer has it. Belongs to the
// loop's thread.
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
    struct Hooks {
        std::function<bool(std::int64_t seq)> analysing;  // is the post with the workers?
        /// Of a post that the journal does not hold a pick of: MySQL may, of this revision at least where it
        /// was delivered.
        std::function<void(std::string tenant, std::string post_id, std::uint32_t revision_min, OnPick done)>
            find_pick;
    };

    PostLookup(EventLoop& loop, Journal& journal, Hooks hooks)
        : loop_(loop), journal_(journal), hooks_(std::move(hooks)) {}

    void look_up(const nlohmann::json& request, const AdminReply& reply);

 private:
    EventLoop& loop_;
    Journal& journal_;
    const Hooks hooks_;
};

}  // namespace bgm
