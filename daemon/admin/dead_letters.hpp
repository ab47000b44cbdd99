// Dead letters as an operator sees and settles them. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <string>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/journal/media_store.hpp"

namespace bgm {

class DeadLetters {
 public:
    /// `forget`: the row in MySQL goes. `resume`: posts wait in the journal again.
    DeadLetters(EventLoop& loop, Journal& journal, const MediaStore& media,
                std::function<void(std::string tenant, std::string post_id)> forget,
                std::function<void()> resume)
        : loop_(loop),
          journal_(journal),
          media_(media),
          forget_(std::move(forget)),
          resume_(std::move(resume)) {}

    void list(const nlohmann::json& request, const AdminReply& reply);
    void show(const nlohmann::json& request, const AdminReply& reply);
    /// `retry`: back to analysis; otherwise dropped for good.
    void settle(const nlohmann::json& request, bool retry, const AdminReply& reply);

 private:
    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    const std::function<void(std::string tenant, std::string post_id)> forget_;
    const std::function<void()> resume_;
};

}  // namespace bgm
