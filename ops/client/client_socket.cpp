// The one place of bgmctl that knows ZeroMQ.
#include "ops/client/client_socket.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bgm {
namespace {

// An answer larger than this is no answer of bgmd's.
constexpr std::int64_t kMessageBytesMax = 256LL * 1024 * 1024;
constexpr int kQueuedMessagesMax = 100'000;

struct CloseContext {
    void operator()(void* context) const { zmq_ctx_term(context); }
};
struct CloseSocket {
    void operator()(void* socket) const { zmq_close(socket); }
};
using ContextHandle = std::unique_ptr<void, CloseContext>;
using SocketHandle = std::unique_ptr<void, CloseSocket>;

class Message {
 public:
    Message() { zmq_msg_init(&message_); }
    ~Message() { zmq_msg_close(&message_); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    zmq_msg_t* get() { return &message_; }
    std::string bytes() { return {static_cast<char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)}; }
    bool more() { return zmq_msg_more(&message_) != 0; }

 private:
    zmq_msg_t message_{};
};

Error socket_error(std::string_view doing) {
    return Error{ErrorCode::internal, std::string(doing) + ": " + zmq_strerror(zmq_errno()), ""};
}

}  // namespace

struct ClientSocket::State {
    // Order matters: sockets close before the context ends.
    ContextHandle context;
    SocketHandle socket;
    SocketHandle monitor;
    bool transport_connected = false;
    bool handshaken = false;
    std::uint64_t connections_lost = 0;

    /// Takes in what the monitor has to tell; never waits.
    void read_monitor() {
        while (true) {
            Message event;
            if (zmq_msg_recv(event.get(), monitor.get(), ZMQ_DONTWAIT) < 0) return;
            std::uint16_t kind = 0;
            const std::string bytes = event.bytes();
            if (bytes.size() >= sizeof kind) std::memcpy(&kind, bytes.data(), sizeof kind);
            if (event.more()) {
                Message address;
                zmq_msg_recv(address.get(), monitor.get(), ZMQ_DONTWAIT);
            }
            if (kind == ZMQ_EVENT_CONNECTED) transport_connected = true;
            if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) handshaken = true;
            if (kind == ZMQ_EVENT_DISCONNECTED && handshaken) {
                handshaken = false;
                ++connections_lost;
            }
        }
    }
};

ClientSocket::ClientSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
ClientSocket::ClientSocket(ClientSocket&&) noexcept = default;
ClientSocket& ClientSocket::operator=(ClientSocket&&) noexcept = default;
ClientSocket::~ClientSocket() = default;

Result<ClientSocket> ClientSocket::open(const Options& options) {
    auto state = std::make_unique<State>();
    state->context.reset(zmq_ctx_new());
    if (!state->context) return socket_error("starting ZeroMQ");
    state->socket.reset(
        zmq_socket(state->context.get(), options.kind == Kind::dealer ? ZMQ_DEALER : ZMQ_SUB));
    if (!state->socket) return socket_error("opening a socket");
    void* socket = state->socket.get();

    const int no_linger =
        0;  // what was not acknowledged is sent again by whoever cares, never by a closing socket
    zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &kMessageBytesMax, sizeof kMessageBytesMax);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &kQueuedMessagesMax, sizeof kQueuedMessagesMax);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &kQueuedMessagesMax, sizeof kQueuedMessagesMax);
    for (const std::string& topic : options.topics) {
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic.data(), topic.size());
    }

    const char* watch = "inproc://monitor";
    const int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED;
    if (zmq_socket_monitor(socket, watch, events) != 0) return socket_error("watching a socket");
    state->monitor.reset(zmq_socket(state->context.get(), ZMQ_PAIR));
    if (!state->monitor || zmq_connect(state->monitor.get(), watch) != 0) {
        return socket_error("watching a socket");
    }
    zmq_setsockopt(state->monitor.get(), ZMQ_LINGER, &no_linger, sizeof no_linger);

    if (zmq_connect(socket, options.endpoint.c_str()) != 0) {
        return Error{ErrorCode::invalid_argument,
                     "'" + options.endpoint + "' is no address for " + options.what + " (" +
                         zmq_strerror(zmq_errno()) +
                         "): it looks like tcp://127.0.0.1:5555 or ipc:///path; " + "check " + options.hint,
                     ""};
    }

    const auto give_up = std::chrono::steady_clock::now() + options.deadline;
    while (options.deadline.count() > 0 && !state->handshaken) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            const std::string why = state->transport_connected
                                        ? "something answers at " + options.endpoint +
                                              ", but it does not speak ZeroMQ; this should be " + options.what
                                        : "nobody answers at " + options.what + " " + options.endpoint;
            return Error{ErrorCode::unavailable,
                         why + " (waited " + std::to_string(options.deadline.count()) +
                             " ms): is bgmd running? Check " + options.hint,
                         ""};
        }
        zmq_pollitem_t item{state->monitor.get(), 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, left.count()) < 0 && zmq_errno() == EINTR) {
            return Error{ErrorCode::unavailable, "interrupted while connecting to " + options.endpoint, ""};
        }
        state->read_monitor();
    }
    return ClientSocket(std::move(state));
}

Status ClientSocket::send(std::span<const std::string_view> frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const int flags = ZMQ_DONTWAIT | (i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        // Only the first frame of a message can meet a full queue; the rest follow it in.
        while (zmq_send(state_->socket.get(), frames[i].data(), frames[i].size(), flags) < 0) {
            if (zmq_errno() == EINTR) continue;
            if (zmq_errno() == EAGAIN) {
                return Error{ErrorCode::resource_exhausted, "the socket's queue is full or not connected",
                             ""};
            }
            return socket_error("sending");
        }
    }
    return ok_status();
}

Result<std::vector<std::string>> ClientSocket::receive() {
    std::vector<std::string> frames;
    while (true) {
        Message frame;
        if (zmq_msg_recv(frame.get(), state_->socket.get(), ZMQ_DONTWAIT) < 0) {
            if (zmq_errno() == EINTR) continue;
            if (zmq_errno() == EAGAIN) return frames;  // messages arrive whole, so nothing was begun
            return socket_error("receiving");
        }
        frames.push_back(frame.bytes());
        if (!frame.more()) return frames;
    }
}

std::uint64_t ClientSocket::connections_lost() {
    state_->read_monitor();
    return state_->connections_lost;
}

bool ClientSocket::wait_any(std::span<ClientSocket* const> sockets, std::chrono::milliseconds wait) {
    std::array<zmq_pollitem_t, 4> items{};
    const std::size_t count = std::min(sockets.size(), items.size());
    for (std::size_t i = 0; i < count; ++i) {
        items[i] = {sockets[i]->state_->socket.get(), 0, ZMQ_POLLIN, 0};
    }
    return zmq_poll(items.data(), static_cast<int>(count), std::max<long>(0, wait.count())) > 0;
}

bool ClientSocket::wait(std::chrono::milliseconds wait) {
    ClientSocket* self = this;
    return wait_any(std::span(&self, 1), wait);
}

}  // namespace bgm
