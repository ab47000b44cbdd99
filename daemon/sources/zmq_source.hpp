// Posts from ZeroMQ: frames to a post for admission, and the ack back to the peer that sent it.
//
// ROUTER (acknowledged), the same towards the gateway, and PULL (a firehose: outcomes are only counted). A
// message is the header, the post and one frame for each inline medium. Each call takes a bounded number of
// messages, so that acks go out and the client's window keeps moving; what is not taken waits in ZeroMQ's
// queues, and then in the client's. Belongs to the loop's thread.
#pragma once

#include <memory>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/config.hpp"
#include "daemon/gateway_sockets.hpp"
#include "daemon/pipeline/admission.hpp"

namespace bgm {

class ZmqSource {
 public:
    /// Listens on the endpoints of `config`; `admission` must outlive it.
    static Result<std::unique_ptr<ZmqSource>> open(const Config& config, EventLoop& loop,
                                                   Messaging& messaging, Admission& admission);

 private:
    struct Client;

    explicit ZmqSource(Admission& admission) : admission_(admission) {}

    void take_post(std::string_view source, Socket& from, Frames frames);
    void submit(std::string_view source, Frames frames, std::size_t header, Admission::OnAck on_ack);
    void answer(Client& client, const v1::Ack& ack);

    Admission& admission_;
    std::unique_ptr<Socket> posts_;
    std::unique_ptr<Socket> firehose_;
    std::unique_ptr<Socket> gateway_;  // which listens: bgmd calls it
};

}  // namespace bgm
