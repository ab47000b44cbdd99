#include "daemon/gateway/daemon_channel.hpp"

#include <unistd.h>

#include <cstring>

namespace bgm::gateway {
namespace {

constexpr int kQueue = 10'000;
constexpr int kMessagesPerRound = 128;

Error away(const std::string& why) {
    return {.code = ErrorCode::unavailable, .message = why};
}

}  // namespace

Result<std::unique_ptr<DaemonChannel>> DaemonChannel::open(Messaging& messaging, Reactor& reactor,
                                                           const std::string& path, int listening_fd,
                                                           std::int64_t frame_bytes_max) {
    std::unique_ptr<DaemonChannel> channel(new DaemonChannel(reactor));
    const Socket::Options options{
        .frame_bytes_max = frame_bytes_max, .queue_max = kQueue, .listening_fd = listening_fd};
    auto socket = Socket::open(messaging, Socket::Kind::dealer, options);
    if (!socket) return socket.error();
    channel->socket_ = std::move(*socket);
    auto peers = PeerCount::of(messaging, *channel->socket_);
    if (!peers) return peers.error();
    channel->peers_ = std::move(*peers);
    if (auto bound = channel->socket_->bind("ipc://" + path, options); !bound) return bound.error();
    channel->socket_events_ = std::make_unique<Descriptor>(reactor, dup(channel->socket_->event_fd()));
    channel->peer_events_ = std::make_unique<Descriptor>(reactor, dup(channel->peers_->event_fd()));
    channel->watch(*channel->socket_events_);
    channel->watch(*channel->peer_events_);
    channel->drain_soon();
    return channel;
}

void DaemonChannel::watch(Descriptor& descriptor) {
    descriptor.when_readable([this, &descriptor] {
        drain();
        watch(descriptor);
    });
}

void DaemonChannel::drain_soon() {
    if (drain_posted_) return;
    drain_posted_ = true;
    reactor_.post([this] {
        drain_posted_ = false;
        drain();
    });
}

void DaemonChannel::ask(Frames question, OnAnswer on_answer) {
    const std::uint64_t number = ++last_number_;
    Frames frames;
    frames.reserve(question.size() + 2);
    frames.emplace_back(std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
    frames.emplace_back();
    for (Frame& frame : question)
        frames.push_back(std::move(frame));
    // With nobody there ZeroMQ refuses at once: nothing is kept for a successor.
    if (!socket_->send(std::move(frames))) return on_answer(away("the daemon is away"), Frames());
    waiting_.emplace(number, Waiting{std::move(on_answer), Clock::now()});
    // Sending takes the socket's event with it, which may have told of an answer.
    drain_soon();
}

void DaemonChannel::drain() {
    Frames frames;
    int left = kMessagesPerRound;
    for (; left > 0 && socket_->receive(frames); --left) {
        std::uint64_t number = 0;
        if (frames.size() < 3 || frames[0].size() != sizeof number || frames[1].size() != 0) continue;
        std::memcpy(&number, frames[0].view().data(), sizeof number);
        auto waiting = waiting_.extract(number);
        if (waiting.empty()) continue;
        frames.erase(frames.begin(), frames.begin() + 2);
        waiting.mapped().on_answer(ok_status(), std::move(frames));
        frames.clear();
    }
    if (left == 0) drain_soon();
    if (peers_->news().went > 0) fail_all("the daemon has gone away");
}

void DaemonChannel::fail_all(const std::string& why) {
    auto failed = std::exchange(waiting_, {});
    for (auto& [number, waiting] : failed)
        waiting.on_answer(away(why), Frames());
}

void DaemonChannel::give_up_older_than(std::chrono::seconds age) {
    const auto oldest = Clock::now() - age;
    while (!waiting_.empty() && waiting_.begin()->second.since < oldest) {
        auto waiting = waiting_.extract(waiting_.begin());
        waiting.mapped().on_answer(away("the daemon does not answer"), Frames());
    }
}

}  // namespace bgm::gateway
