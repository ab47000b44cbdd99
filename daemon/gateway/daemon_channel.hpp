// Questions and answers over one of the sockets that bgmd calls: each question gets the answer that carries
// its number, or an error when bgmd goes away, says nothing for too long, or is not there at all.
//
// Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/base/messaging.hpp"
#include "daemon/gateway/reactor.hpp"

namespace bgm::gateway {

class DaemonChannel {
 public:
    using Clock = std::chrono::steady_clock;
    /// The frames behind the envelope; none, and `unavailable`, where there will be no answer.
    using OnAnswer = std::function<void(const Status&, Frames)>;

    /// `listening_fd` is a Unix socket that listens at `path`.
    static Result<std::unique_ptr<DaemonChannel>> open(Messaging& messaging, Reactor& reactor,
                                                       const std::string& path, int listening_fd,
                                                       std::int64_t frame_bytes_max);

    void ask(Frames question, OnAnswer on_answer);
    bool daemon_is_there() const { return peers_->peers() > 0; }
    std::size_t waiting() const { return waiting_.size(); }
    /// Gives up what waits for longer than that.
    void give_up_older_than(std::chrono::seconds age);

 private:
    explicit DaemonChannel(Reactor& reactor) : reactor_(reactor) {}

    void watch(Descriptor& descriptor);
    void drain();
    void drain_soon();
    void fail_all(const std::string& why);

    struct Waiting {
        OnAnswer on_answer;
        Clock::time_point since;
    };

    Reactor& reactor_;
    std::unique_ptr<Socket> socket_;
    std::unique_ptr<PeerCount> peers_;
    std::unique_ptr<Descriptor> socket_events_;
    std::unique_ptr<Descriptor> peer_events_;
    std::map<std::uint64_t, Waiting> waiting_;  // by number: the oldest first
    std::uint64_t last_number_ = 0;
    bool drain_posted_ = false;
};

}  // namespace bgm::gateway
