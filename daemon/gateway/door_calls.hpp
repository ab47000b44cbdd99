// The calls that are one question to bgmd's door: its answer, or its refusal, as HTTP says it.
//
// Belongs to the loop's thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "daemon/gateway/daemon_link.hpp"
#include "daemon/gateway/exchange.hpp"

namespace bgm::gateway {

class DoorCalls {
 public:
    explicit DoorCalls(DaemonLink& daemon) : daemon_(daemon) {}

    void get_post(const std::shared_ptr<Exchange>& exchange);
    /// DELETE of a post or of a user: the field that the path's argument is.
    void erase(const std::shared_ptr<Exchange>& exchange, const char* field);
    void add_feedback(const std::shared_ptr<Exchange>& exchange);
    void list_tracks(const std::shared_ptr<Exchange>& exchange);
    void list_dead(const std::shared_ptr<Exchange>& exchange);
    /// About the track of the path: similar, path.
    void about_track(const std::shared_ptr<Exchange>& exchange, const char* operation);
    /// dead.show, dead.retry, dead.drop: with the post of the path.
    void about_dead(const std::shared_ptr<Exchange>& exchange, const char* operation);
    void status(const std::shared_ptr<Exchange>& exchange);
    void ready(const std::shared_ptr<Exchange>& exchange);
    void describe_key(const std::shared_ptr<Exchange>& exchange);

 private:
    void pass_on(const std::shared_ptr<Exchange>& exchange, nlohmann::json request);

    DaemonLink& daemon_;
};

/// `in`: where the field that a refusal may name comes from.
Response refused_by_door(const DoorAnswer::Refusal& refusal, std::string_view in);

/// Does an If-None-Match header name that tag?
bool names_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace bgm::gateway
