// Posts from ZeroMQ: frames to a post for admission, and the ack back to the peer that sent it.
//
// ROUTER (acknowledged), the same towards the gateway, and PULL (a firehose: outcomes are only counted). A
// message is the header, the post and one frame for each inline medium. The gateway puts the digest of the
// client's key behind the header, which says for which tenant the post may be: whoever has taken the gateway
// over has only the keys that it was shown. Each call takes a bounded number of messages, so that acks go out
// and the client's window keeps moving; what is not taken waits in ZeroMQ's queues, and then in the client's.
// Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/config.hpp"
#include "daemon/gateway_sockets.hpp"
#include "daemon/pipeline/admission.hpp"
#include "schemas/api_key.hpp"

namespace bgm {

class ZmqSource {
 public:
    /// Whether the key of that digest may post just now. Asked once for each of the gateway's posts.
    using JudgeKey = std::function<KeyJudgement(std::string_view digest)>;

    /// Listens on the endpoints of `config`; `admission` must outlive it.
    static Result<std::unique_ptr<ZmqSource>> open(const Config& config, EventLoop& loop,
                                                   Messaging& messaging, Admission& admission,
                                                   JudgeKey judge_key);

 private:
    struct Client;

    ZmqSource(Admission& admission, JudgeKey judge_key)
        : admission_(admission), judge_key_(std::move(judge_key)) {}

    void take_post(Frames frames);
    void take_keyed_post(Frames frames);
    Admission::OnAck answering(Socket& from, Frames& frames, std::size_t header);
    void submit(Admission::RawPost post, Frames& frames, std::size_t header, Admission::OnAck on_ack);
    void answer(Client& client, const v1::Ack& ack);

    Admission& admission_;
    const JudgeKey judge_key_;
    std::unique_ptr<Socket> posts_;
    std::unique_ptr<Socket> firehose_;
    std::unique_ptr<Socket> gateway_;  // which listens: bgmd calls it
};

}  // namespace bgm
