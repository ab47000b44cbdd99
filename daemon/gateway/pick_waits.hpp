// Requests that wait for their pick (`Prefer: wait`).
//
// An event answers them as soon as it comes. An event can be lost: published before the subscription had
// arrived, or while bgmd was started anew. So bgmd is asked as well, a few times and once more at the end: an
// event that is lost costs time, not the answer. A tenant's subscription outlives its last wait by a minute,
// since the next one finds it at work. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/gateway/daemon_link.hpp"
#include "daemon/gateway/exchange.hpp"

namespace bgm::gateway {

class PickWaits {
 public:
    using Clock = std::chrono::steady_clock;

    explicit PickWaits(DaemonLink& daemon) : daemon_(daemon) {}

    /// To be called before the post is sent: its event must find the subscription.
    void expect(const std::string& tenant);
    /// Answers with the pick of that revision, or with `else_answer` when the wait is over. `known`: it may
    /// have been there before, so bgmd is asked at once.
    void wait(std::shared_ptr<Exchange> exchange, const std::string& post_id, std::uint32_t revision,
              std::chrono::seconds wait, bool known, Response else_answer);

    void take_event(const DaemonEvent& event);
    void look_at_clock();
    std::size_t waiting() const { return waits_.size(); }

 private:
    struct Wait {
        std::shared_ptr<Exchange> exchange;
        std::string tenant;
        std::string post_id;
        std::uint32_t revision = 0;
        std::chrono::seconds asked_for{};
        Clock::time_point until;
        Clock::time_point next_look;
        std::chrono::milliseconds pause{};
        Response else_answer;
    };
    struct Tenant {
        std::size_t waits = 0;
        Clock::time_point idle_since;
    };
    using Waits = std::map<std::uint64_t, Wait>;

    void look(std::uint64_t number, bool last);
    void answer(Waits::iterator wait, Response response);

    DaemonLink& daemon_;
    Waits waits_;                                                  // by number
    std::unordered_multimap<std::string, std::uint64_t> by_post_;  // tenant, NUL, post id
    std::unordered_map<std::string, Tenant> tenants_;
    std::uint64_t last_number_ = 0;
};

/// {"state": ..., "revision": ..., "pick" or "dead": json}.
std::string post_state_json(std::string_view state, std::uint32_t revision, std::string_view what,
                            std::string_view json);

}  // namespace bgm::gateway
