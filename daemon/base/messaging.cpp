#include "daemon/base/messaging.hpp"

#include <sys/stat.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

namespace bgm {
namespace {

zmq_msg_t* message(std::byte* storage) {
    return reinterpret_cast<zmq_msg_t*>(storage);
}
zmq_msg_t* message(const std::byte* storage) {
    return const_cast<zmq_msg_t*>(
        reinterpret_cast<const zmq_msg_t*>(storage));  // the C interface is not const-correct
}

void run_release(void*, void* hint) {
    const std::unique_ptr<std::function<void()>> release(static_cast<std::function<void()>*>(hint));
    (*release)();
}

void set_number(void* socket, int option, std::int64_t value) {
    const auto number = static_cast<int>(value);
    zmq_setsockopt(socket, option, &number, sizeof number);
}

void guard(void* socket, const Socket::Guarded& guarded) {
    set_number(socket, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, guarded.secret_key.c_str(), guarded.secret_key.size() + 1);
    constexpr std::string_view kDomain = "workers";
    zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, kDomain.data(), kDomain.size());
    set_number(socket, ZMQ_ROUTER_HANDOVER, 0);
    set_number(socket, ZMQ_HANDSHAKE_IVL, guarded.handshake.count());
    // Not ZeroMQ's own heartbeats: a pong waits behind the file that is on its way.
    set_number(socket, ZMQ_TCP_KEEPALIVE, 1);
    set_number(socket, ZMQ_TCP_KEEPALIVE_IDLE, 2);
    set_number(socket, ZMQ_TCP_KEEPALIVE_INTVL, 1);
    set_number(socket, ZMQ_TCP_KEEPALIVE_CNT, 4);
    set_number(socket, ZMQ_TCP_MAXRT, guarded.gone_after.count());
    // What waits in queues of the network delays the acknowledgements behind it, so little may.
    constexpr int kSentAndNotAcknowledged = 512 * 1024;
    set_number(socket, ZMQ_SNDBUF, kSentAndNotAcknowledged);
}

int zmq_kind(Socket::Kind kind) {
    switch (kind) {
        case Socket::Kind::router:
            return ZMQ_ROUTER;
        case Socket::Kind::pull:
            return ZMQ_PULL;
        case Socket::Kind::pub:
            return ZMQ_XPUB;  // which tells of its subscribers
        case Socket::Kind::dealer:
            return ZMQ_DEALER;
        case Socket::Kind::sub:
            return ZMQ_SUB;
    }
    return -1;
}

}  // namespace

static_assert(sizeof(zmq_msg_t) == 64);

Frame::Frame() {
    zmq_msg_init(message(storage_));
}

Frame::Frame(std::string_view bytes) {
    if (zmq_msg_init_size(message(storage_), bytes.size()) != 0) throw std::bad_alloc();
    if (!bytes.empty()) std::memcpy(zmq_msg_data(message(storage_)), bytes.data(), bytes.size());
}

Frame::Frame(std::span<const std::byte> bytes, std::function<void()> release) {
    auto hint = std::make_unique<std::function<void()>>(std::move(release));
    if (zmq_msg_init_data(message(storage_), const_cast<std::byte*>(bytes.data()), bytes.size(), run_release,
                          hint.get()) != 0) {
        throw std::bad_alloc();
    }
    (void)hint.release();  // run_release owns it now
}

Frame::Frame(Frame&& other) noexcept {
    zmq_msg_init(message(storage_));
    zmq_msg_move(message(storage_), message(other.storage_));
}

Frame& Frame::operator=(Frame&& other) noexcept {
    if (this != &other) zmq_msg_move(message(storage_), message(other.storage_));
    return *this;
}

Frame::~Frame() {
    zmq_msg_close(message(storage_));
}

std::string_view Frame::view() const {
    return {static_cast<const char*>(zmq_msg_data(message(storage_))), zmq_msg_size(message(storage_))};
}

std::string Frame::user() const {
    const char* user = zmq_msg_gets(message(storage_), "User-Id");
    return user != nullptr ? user : "";
}

Messaging::Messaging() : context_(zmq_ctx_new()) {}

Messaging::~Messaging() {
    zmq_ctx_term(context_);
}

Result<std::unique_ptr<Socket>> Socket::open(Messaging& messaging, Kind kind, const Options& options) {
    void* handle = zmq_socket(messaging.context_, zmq_kind(kind));
    if (handle == nullptr)
        return Error{.code = ErrorCode::unavailable,
                     .message = std::string("no socket can be made: ") + zmq_strerror(zmq_errno())};
    std::unique_ptr<Socket> socket(new Socket(handle));
    const int linger_ms = 200;  // lets the last acks and events out on the way down
    zmq_setsockopt(handle, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_setsockopt(handle, ZMQ_RCVHWM, &options.queue_max, sizeof options.queue_max);
    zmq_setsockopt(handle, ZMQ_SNDHWM, &options.queue_max, sizeof options.queue_max);
    zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &options.frame_bytes_max, sizeof options.frame_bytes_max);
    if (kind == Kind::router) {
        const int on = 1;
        // A message to a peer that is gone is an error that we see, not a silent drop; and a client that
        // reconnects under the same identity takes it over.
        zmq_setsockopt(handle, ZMQ_ROUTER_MANDATORY, &on, sizeof on);
        zmq_setsockopt(handle, ZMQ_ROUTER_HANDOVER, &on, sizeof on);
    }
    if (options.guarded) guard(handle, *options.guarded);
    return socket;
}

Result<std::unique_ptr<Socket>> Socket::bind(Messaging& messaging, Kind kind, const std::string& endpoint,
                                             const Options& options) {
    auto opened = open(messaging, kind, options);
    if (!opened) return opened;
    if (auto bound = (*opened)->bind(endpoint, options); !bound) return bound.error();
    return opened;
}

Status Socket::bind(const std::string& endpoint, const Options& options) {
    if (options.listening_fd >= 0)
        zmq_setsockopt(socket_, ZMQ_USE_FD, &options.listening_fd, sizeof options.listening_fd);
    constexpr std::string_view kIpc = "ipc://";
    if (zmq_bind(socket_, endpoint.c_str()) != 0 ||
        (options.owner_only && endpoint.starts_with(kIpc) &&
         chmod(endpoint.c_str() + kIpc.size(), S_IRUSR | S_IWUSR) != 0)) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "cannot listen on " + endpoint + ": " + zmq_strerror(zmq_errno())};
    }
    std::array<char, 512> bound{};
    std::size_t length = bound.size();
    zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &length);
    endpoint_ = bound.data();
    return ok_status();
}

Status Socket::connect(const std::string& endpoint) {
    const int on = 1;
    zmq_setsockopt(socket_, ZMQ_IMMEDIATE, &on, sizeof on);
    if (zmq_connect(socket_, endpoint.c_str()) == 0) return ok_status();
    return Error{.code = ErrorCode::unavailable,
                 .message = "cannot call " + endpoint + ": " + zmq_strerror(zmq_errno())};
}

Socket::~Socket() {
    zmq_close(socket_);
}

bool Socket::receive(Frames& frames) {
    frames.clear();
    while (true) {
        Frame frame;
        if (zmq_msg_recv(message(frame.storage_), socket_, ZMQ_DONTWAIT) < 0) return false;
        const bool more = zmq_msg_more(message(frame.storage_)) != 0;
        frames.push_back(std::move(frame));
        if (!more) return true;
    }
}

bool Socket::send(Frames frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
        if (zmq_msg_send(message(frames[i].storage_), socket_, ZMQ_DONTWAIT | more) < 0) return false;
    }
    return true;
}

bool Socket::has_subscribers() {
    for (Frames message; receive(message);) {
        // One frame, "1" or "0" and the topic: the first that wants it, and the last one. A stranger may send
        // anything.
        const std::string_view said = message.front().view();
        if (message.size() != 1 || said.empty()) continue;
        if (said.front() == 1) ++topics_;
        if (said.front() == 0 && topics_ > 0) --topics_;
    }
    return topics_ > 0;
}

void Socket::subscribe(std::string_view topic) {
    zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
}

void Socket::unsubscribe(std::string_view topic) {
    zmq_setsockopt(socket_, ZMQ_UNSUBSCRIBE, topic.data(), topic.size());
}

namespace {

int event_fd_of(void* socket) {
    int fd = -1;
    std::size_t size = sizeof fd;
    zmq_getsockopt(socket, ZMQ_FD, &fd, &size);
    return fd;
}

}  // namespace

int Socket::event_fd() const {
    return event_fd_of(socket_);
}

bool Socket::readable() const {
    int events = 0;
    std::size_t size = sizeof events;
    return zmq_getsockopt(socket_, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

Result<std::unique_ptr<Monitor>> Monitor::of(Messaging& messaging, Socket& socket) {
    static std::atomic<unsigned> number{0};
    const std::string name = "inproc://monitor-" + std::to_string(number++);
    std::unique_ptr<Monitor> monitor(new Monitor(zmq_socket(messaging.context_, ZMQ_PAIR)));
    constexpr int kEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                            ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    if (monitor->monitor_ == nullptr || zmq_socket_monitor(socket.handle(), name.c_str(), kEvents) != 0 ||
        zmq_connect(monitor->monitor_, name.c_str()) != 0) {
        return Error{.code = ErrorCode::unavailable,
                     .message = std::string("a socket cannot be watched: ") + zmq_strerror(zmq_errno())};
    }
    return monitor;
}

Monitor::~Monitor() {
    if (monitor_ != nullptr) zmq_close(monitor_);
}

Monitor::News Monitor::news() {
    News news;
    Frame frame;
    // Two frames: the event, in the first two bytes, and the endpoint.
    while (zmq_msg_recv(message(frame.storage_), monitor_, ZMQ_DONTWAIT) >= 0) {
        std::uint16_t event = 0;
        const std::string_view bytes = frame.view();
        if (zmq_msg_more(message(frame.storage_)) == 0 || bytes.size() < sizeof event) continue;
        std::memcpy(&event, bytes.data(), sizeof event);
        news.accepted += event == ZMQ_EVENT_ACCEPTED ? 1 : 0;
        news.came += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? 1 : 0;
        news.went += event == ZMQ_EVENT_DISCONNECTED ? 1 : 0;
        news.refused += event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? 1 : 0;
        news.failed +=
            event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL || event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ? 1
                                                                                                          : 0;
    }
    return news;
}

int Monitor::event_fd() const {
    return event_fd_of(monitor_);
}

Result<std::unique_ptr<PeerCount>> PeerCount::of(Messaging& messaging, Socket& socket) {
    auto monitor = Monitor::of(messaging, socket);
    if (!monitor) return monitor.error();
    return std::unique_ptr<PeerCount>(new PeerCount(*std::move(monitor)));
}

PeerCount::News PeerCount::news() {
    const Monitor::News all = monitor_->news();
    // Disconnected is also said of one that never shook hands.
    const News news{.came = all.came, .went = std::min(all.went, static_cast<int>(peers_) + all.came)};
    peers_ += static_cast<std::size_t>(news.came);
    peers_ -= static_cast<std::size_t>(news.went);
    return news;
}

Result<std::unique_ptr<DoorKeeper>> DoorKeeper::open(Messaging& messaging, Name name) {
    auto socket = Socket::bind(messaging, Socket::Kind::router, "inproc://zeromq.zap.01", {});
    if (!socket) return socket.error();
    return std::unique_ptr<DoorKeeper>(new DoorKeeper(*std::move(socket), std::move(name)));
}

// Asked, behind the envelope of two frames: version, number of the question, domain, address, routing id,
// mechanism, and for CURVE the public key as bytes. Answered: version, number, status, words, user, metadata.
void DoorKeeper::answer_all() {
    constexpr std::size_t kEnvelope = 2;
    constexpr std::size_t kKey = kEnvelope + 6;
    constexpr std::size_t kKeyBytes = 32;
    for (Frames asked; socket_->receive(asked);) {
        if (asked.size() < kEnvelope + 2) continue;
        std::optional<std::string> name;
        if (asked.size() == kKey + 1 && asked[kKey - 1].view() == "CURVE" &&
            asked[kKey].size() == kKeyBytes) {
            std::array<char, 41> text{};
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(asked[kKey].view().data());
            if (zmq_z85_encode(text.data(), bytes, kKeyBytes) != nullptr) name = name_(text.data());
        }
        Frames answer;
        answer.push_back(std::move(asked[0]));
        answer.push_back(std::move(asked[1]));
        answer.emplace_back("1.0");
        answer.push_back(std::move(asked[kEnvelope + 1]));
        answer.emplace_back(name ? "200" : "400");
        answer.emplace_back(name ? "OK" : "this key is not known here");
        answer.emplace_back(name.value_or(""));
        answer.emplace_back("");
        (void)socket_->send(std::move(answer));
    }
}

std::size_t envelope_size(const Frames& frames, const std::function<bool(std::string_view)>& is_header) {
    constexpr std::size_t kEnvelopeFramesMax = 8;
    for (std::size_t i = 1; i < std::min(frames.size(), kEnvelopeFramesMax); ++i) {
        if (is_header(frames[i].view())) return i;
        if (frames[i].size() == 0) return i + 1;
    }
    return std::min<std::size_t>(1, frames.size());
}

void poll(std::span<PollItem> items, std::int64_t timeout_ms) {
    std::vector<zmq_pollitem_t> raw;
    raw.reserve(items.size());
    for (const PollItem& item : items)
        raw.push_back({item.socket, item.fd, ZMQ_POLLIN, 0});
    const int ready = zmq_poll(raw.data(), static_cast<int>(raw.size()), static_cast<long>(timeout_ms));
    for (std::size_t i = 0; i < items.size(); ++i)
        items[i].readable = ready > 0 && raw[i].revents != 0;
}

}  // namespace bgm
