// The events of a tenant, a page at a time: what a stream goes on from. From MySQL where there is one, else
// from the journal. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <string>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/store/event_table.hpp"

namespace bgm {

class EventPages {
 public:
    /// MySQL's; empty: the journal has them.
    using Find = std::function<void(std::string tenant, std::uint64_t after, std::size_t limit,
                                    std::function<void(Result<EventPage>)> done)>;

    EventPages(EventLoop& loop, Journal& journal, Find find)
        : loop_(loop), journal_(journal), find_(std::move(find)) {}

    /// `after`: an event's id, as a number or a text (0), `limit` (100; at most 1000; 0: only `last`).
    /// `{"items": [{"event_id", "kind", "data"}], "last"}`: `last` is the id of the tenant's newest event.
    /// `held_back` is true where others are there that will be told of soon (event_table.hpp).
    void page(const nlohmann::json& request, const AdminReply& reply);

 private:
    void find_in_journal(const std::string& tenant, std::uint64_t after, std::size_t limit,
                         const std::function<void(Result<EventPage>)>& done);

    EventLoop& loop_;
    Journal& journal_;
    const Find find_;
};

}  // namespace bgm
