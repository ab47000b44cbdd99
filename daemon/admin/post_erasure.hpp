// Everything about a post or a user, gone on request: first from the journal, then from MySQL, then what the
// journal remembers of its deliveries. Belongs to the loop's thread.
#pragma once

#include <functional>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/store/erasure.hpp"

namespace bgm {

class PostErasure {
 public:
    using EraseDelivered = std::function<void(ErasureScope, std::function<void(Result<ErasedRows>)>)>;

    PostErasure(EventLoop& loop, Journal& journal, const MediaStore& media, EraseDelivered delivered)
        : loop_(loop), journal_(journal), media_(media), delivered_(std::move(delivered)) {}

    void erase(const nlohmann::json& request, const AdminReply& reply);

 private:
    /// MySQL's part, after the journal's.
    void erase_delivered(const ErasureScope& scope, std::size_t journal_posts, const AdminReply& reply);

    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    const EraseDelivered delivered_;
};

}  // namespace bgm
