// POST /v1/posts: from a body to a post in bgmd's hands, and from its ack to an answer.
//
// Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gateway/daemon_link.hpp"
#include "daemon/gateway/exchange.hpp"
#include "daemon/gateway/pick_waits.hpp"

namespace bgm::gateway {

class PostCalls {
 public:
    /// `json_bytes_max`: of a form's part `post`, which is parsed whole as the body is that stands for it.
    PostCalls(DaemonLink& daemon, PickWaits& waits, std::chrono::seconds wait_max, std::size_t json_bytes_max)
        : daemon_(daemon), waits_(waits), wait_max_(wait_max), json_bytes_max_(json_bytes_max) {}

    /// The body is there.
    void submit(const std::shared_ptr<Exchange>& exchange);

 private:
    void take_ack(const std::shared_ptr<Exchange>& exchange, const v1::Ack& ack, std::chrono::seconds wait,
                  const std::vector<std::string>& part_of_asset);

    DaemonLink& daemon_;
    PickWaits& waits_;
    const std::chrono::seconds wait_max_;
    const std::size_t json_bytes_max_;
};

/// The seconds of "wait=5", or wait="5", in a list of preferences (RFC 7240), the first where there are
/// several; more than can be counted is the most. Nothing where there is none, or it is no number.
std::optional<std::chrono::seconds> preferred_wait(std::string_view prefer);
/// As it stands in a path: everything but unreserved characters encoded.
std::string path_encoded(std::string_view text);

}  // namespace bgm::gateway
