#include "workers/process/keeper_link.hpp"

#include <sys/random.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "schemas/curve_keys.hpp"
#include "schemas/hex.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

// ZeroMQ gives up whoever refuses it. But a key may be put on the list, and a mistake be mended.
constexpr std::chrono::seconds kAfterRefusal{2};

class Message {
 public:
    Message() { zmq_msg_init(&message_); }
    ~Message() { zmq_msg_close(&message_); }
    Message(Message&& other) noexcept {
        zmq_msg_init(&message_);
        zmq_msg_move(&message_, &other.message_);
    }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    Message& operator=(Message&&) = delete;

    zmq_msg_t* get() { return &message_; }
    std::string_view view() {
        return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
    }

 private:
    zmq_msg_t message_{};
};
using Messages = std::vector<Message>;

// All frames of the next message; none where none waits.
Messages receive(void* socket) {
    Messages frames;
    bool more = true;
    while (more) {
        Message frame;
        if (zmq_msg_recv(frame.get(), socket, ZMQ_DONTWAIT) < 0) return {};
        more = zmq_msg_more(frame.get()) != 0;
        frames.push_back(std::move(frame));
    }
    return frames;
}

void send(void* socket, Messages& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(frames[i].get(), socket, ZMQ_DONTWAIT | more) < 0) return;
    }
}

void set_number(void* socket, int option, int value) {
    zmq_setsockopt(socket, option, &value, sizeof value);
}

Error invalid(std::string message, std::string field) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

}  // namespace

struct KeeperLink::Parts {
    void* context = zmq_ctx_new();
    void* daemon = nullptr;
    void* events = nullptr;  // of the connection to bgmd
    void* worker = nullptr;
    std::filesystem::path folder;
    Messages passing;
    std::string secret;
    int calls = 0;
    int workers = 0;
    bool answered = false;  // something listens, and no more is known of it
    std::optional<Clock::time_point> missed_since = Clock::now();  // nothing: there, or people know
    Clock::time_point call_again = Clock::time_point::max();

    void hang_up(int linger_ms) {
        if (daemon == nullptr) return;
        set_number(daemon, ZMQ_LINGER, linger_ms);
        zmq_close(events);
        zmq_close(daemon);
        daemon = nullptr;
    }
};

KeeperLink::KeeperLink(Options options) : options_(std::move(options)), parts_(std::make_unique<Parts>()) {}

KeeperLink::~KeeperLink() {
    constexpr int kLastWordsMs = 2000;
    parts_->hang_up(kLastWordsMs);
    if (parts_->worker != nullptr) zmq_close(parts_->worker);
    zmq_ctx_term(parts_->context);
    std::error_code ignored;
    if (!parts_->folder.empty()) std::filesystem::remove_all(parts_->folder, ignored);
}

Result<std::unique_ptr<KeeperLink>> KeeperLink::open(Options options) {
    // ZeroMQ takes some that are too short for keys.
    if (!is_curve_key(options.secret_key)) return invalid("holds no secret key", "--key");
    if (!is_curve_key(options.server_key)) return invalid("holds no public key", "--server-key");
    std::unique_ptr<KeeperLink> link(new KeeperLink(std::move(options)));
    std::array<std::uint8_t, 16> secret{};
    if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size()))
        return Error{.code = ErrorCode::unavailable, .message = "there are no random numbers"};
    link->parts_->secret = hex(secret);
    std::string folder = (std::filesystem::temp_directory_path() / "bgm-worker-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
        return Error{.code = ErrorCode::unavailable, .message = "cannot be made", .field = folder};
    link->parts_->folder = folder;
    if (auto called = link->call(); !called) return called.error();
    return link;
}

Status KeeperLink::call() {
    Parts& parts = *parts_;
    parts.hang_up(0);
    connected_ = false;
    parts.call_again = Clock::time_point::max();
    parts.daemon = zmq_socket(parts.context, ZMQ_DEALER);
    const std::string name = "inproc://daemon-" + std::to_string(++parts.calls);
    zmq_socket_monitor(parts.daemon, name.c_str(),
                       ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                           ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    parts.events = zmq_socket(parts.context, ZMQ_PAIR);
    zmq_connect(parts.events, name.c_str());
    const std::string routing_id = options_.name + "/" + std::to_string(getpid()) + "/" + parts.secret + "/" +
                                   std::to_string(parts.calls);
    zmq_setsockopt(parts.daemon, ZMQ_ROUTING_ID, routing_id.data(), routing_id.size());
    std::array<char, 41> own{};
    if (zmq_curve_public(own.data(), options_.secret_key.c_str()) != 0)
        return invalid("holds no secret key", "--key");
    const std::string& theirs = options_.server_key;
    if (zmq_setsockopt(parts.daemon, ZMQ_CURVE_SERVERKEY, theirs.c_str(), theirs.size() + 1) != 0)
        return invalid("holds no public key", "--server-key");
    zmq_setsockopt(parts.daemon, ZMQ_CURVE_PUBLICKEY, own.data(), own.size());
    zmq_setsockopt(parts.daemon, ZMQ_CURVE_SECRETKEY, options_.secret_key.c_str(),
                   options_.secret_key.size() + 1);
    set_number(parts.daemon, ZMQ_IPV6, 1);
    set_number(parts.daemon, ZMQ_SNDHWM, 0);  // bounded by the credits
    set_number(parts.daemon, ZMQ_RCVHWM, 0);
    set_number(parts.daemon, ZMQ_IMMEDIATE, 1);  // what was meant for a broken connection is not for the next
    set_number(parts.daemon, ZMQ_CONNECT_TIMEOUT, 1000);
    set_number(parts.daemon, ZMQ_HANDSHAKE_IVL, 5000);
    set_number(parts.daemon, ZMQ_RECONNECT_IVL, 250);
    set_number(parts.daemon, ZMQ_RECONNECT_IVL_MAX, 500);
    // The kernel sees that bgmd's host is gone, by bytes that nobody acknowledges: a slow link is none.
    set_number(parts.daemon, ZMQ_TCP_KEEPALIVE, 1);
    set_number(parts.daemon, ZMQ_TCP_KEEPALIVE_IDLE, 2);
    set_number(parts.daemon, ZMQ_TCP_KEEPALIVE_INTVL, 1);
    set_number(parts.daemon, ZMQ_TCP_KEEPALIVE_CNT, 4);
    set_number(parts.daemon, ZMQ_TCP_MAXRT, 6000);
    if (zmq_connect(parts.daemon, options_.endpoint.c_str()) != 0)
        return invalid(zmq_strerror(zmq_errno()), "--connect");
    return ok_status();
}

Result<std::string> KeeperLink::listen_for_worker() {
    Parts& parts = *parts_;
    if (parts.worker != nullptr) {
        set_number(parts.worker, ZMQ_LINGER, 0);
        zmq_close(parts.worker);
    }
    parts.worker = zmq_socket(parts.context, ZMQ_DEALER);
    set_number(parts.worker, ZMQ_SNDHWM, 0);
    set_number(parts.worker, ZMQ_RCVHWM, 0);
    const std::string endpoint =
        "ipc://" + (parts.folder / ("worker-" + std::to_string(++parts.workers))).string();
    if (zmq_bind(parts.worker, endpoint.c_str()) != 0)
        return Error{.code = ErrorCode::unavailable, .message = zmq_strerror(zmq_errno()), .field = endpoint};
    return endpoint;
}

void KeeperLink::wait(int fd, std::chrono::milliseconds timeout) {
    std::array<zmq_pollitem_t, 4> items{{{parts_->daemon, 0, ZMQ_POLLIN, 0},
                                         {parts_->events, 0, ZMQ_POLLIN, 0},
                                         {nullptr, fd, ZMQ_POLLIN, 0},
                                         {parts_->worker, 0, ZMQ_POLLIN, 0}}};
    const int count = static_cast<int>(items.size()) - (parts_->worker == nullptr ? 1 : 0);
    zmq_poll(items.data(), count, static_cast<long>(timeout.count()));
}

std::optional<std::string> KeeperLink::look_after_connection() {
    std::optional<std::string> news;
    bool broke = false;
    bool refused = false;
    for (Messages event; !(event = receive(parts_->events)).empty();) {
        std::uint16_t number = 0;
        if (event.front().view().size() < sizeof number) continue;
        std::memcpy(&number, event.front().view().data(), sizeof number);
        if (number == ZMQ_EVENT_CONNECTED) {
            parts_->answered = true;
        } else if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            connected_ = true;
            parts_->missed_since.reset();
            // bgmd would ask with the next heartbeat.
            v1::ToWorker introduce;
            introduce.mutable_introduce();
            const std::string bytes = introduce.SerializeAsString();
            if (parts_->worker != nullptr) zmq_send(parts_->worker, bytes.data(), bytes.size(), ZMQ_DONTWAIT);
            news = "connected to " + options_.endpoint;
        } else if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            refused = true;
            news =
                "bgmd does not know the key of this host: its public key belongs into bgmd's "
                "workers.curve_clients_file";
        } else if (number == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) {
            refused = true;
            news = "what listens at " + options_.endpoint + " does not have the key of --server-key";
        } else if (number == ZMQ_EVENT_DISCONNECTED && connected_) {
            broke = true;
        }
    }
    if (refused) {
        parts_->missed_since.reset();
        parts_->call_again = Clock::now() + kAfterRefusal;
    }
    if (Clock::now() >= parts_->call_again) (void)call();
    if (broke) {
        news = "the connection to bgmd broke; calling again";
        parts_->answered = false;
        parts_->missed_since = Clock::now();
        (void)call();  // what it needs was good before
    }
    // A wrong server key is no event of its own: bgmd hangs up on what it cannot decrypt.
    if (!news && parts_->missed_since && Clock::now() - *parts_->missed_since >= options_.patience) {
        parts_->missed_since.reset();
        news = why_unreachable();
    }
    return news;
}

std::string KeeperLink::why_unreachable() const {
    const std::string cannot = "cannot reach bgmd at " + options_.endpoint + ": ";
    const std::string on = "; calling on";
    if (!parts_->answered)
        return cannot +
               "nobody answers. Look at the address of --connect, bgmd's workers.listen, and what "
               "lies between" +
               on;
    return cannot +
           "something answers and lets nobody in. Look at --server-key, which is to be the public "
           "key of that bgmd, at bgmd's workers.curve_clients_file, which is to hold this host's, "
           "and at the address" +
           on;
}

std::optional<v1::ToWorker> KeeperLink::from_daemon() {
    while (true) {
        parts_->passing = receive(parts_->daemon);
        if (parts_->passing.empty()) return std::nullopt;
        const std::string_view first = parts_->passing.front().view();
        v1::ToWorker message;
        if (message.ParseFromArray(first.data(), static_cast<int>(first.size()))) return message;
    }
}

void KeeperLink::pass_to_worker() {
    if (parts_->worker != nullptr) send(parts_->worker, parts_->passing);
    parts_->passing.clear();
}

bool KeeperLink::pass_to_daemon() {
    bool said_something = false;
    if (parts_->worker == nullptr) return said_something;
    for (Messages said; !(said = receive(parts_->worker)).empty();) {
        said_something = true;
        if (connected_) send(parts_->daemon, said);
    }
    return said_something;
}

void KeeperLink::tell_daemon(const v1::FromWorker& message) {
    const std::string bytes = message.SerializeAsString();
    if (connected_) zmq_send(parts_->daemon, bytes.data(), bytes.size(), ZMQ_DONTWAIT);
}

}  // namespace bgm
