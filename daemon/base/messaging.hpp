// ZeroMQ, wrapped once: frames, sockets and the context, without a ZeroMQ header for the includer.
//
// A Socket belongs to one thread. Nothing here blocks: receive() and send() answer at once, and the event
// loop says when there is something to read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

/// One frame's bytes, owned. Moving is cheap; large frames are never copied on their way through.
class Frame {
 public:
    Frame();
    explicit Frame(std::string_view bytes);
    /// Borrows memory that `release` gives back when the last user is done with it (a mapped file).
    Frame(std::span<const std::byte> bytes, std::function<void()> release);
    Frame(Frame&&) noexcept;
    Frame& operator=(Frame&&) noexcept;
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame();

    std::string_view view() const;
    std::size_t size() const { return view().size(); }
    /// Of a message that a socket with `guarded` received: the name that its sender was let in under.
    std::string user() const;

 private:
    friend class Socket;
    friend class Monitor;
    alignas(8) std::byte storage_[64];  // a zmq_msg_t, whose size the library's ABI fixes
};

using Frames = std::vector<Frame>;

class Messaging {
 public:
    Messaging();
    ~Messaging();
    Messaging(const Messaging&) = delete;
    Messaging& operator=(const Messaging&) = delete;

 private:
    friend class Socket;
    friend class Monitor;
    void* context_;
};

class Socket {
 public:
    enum class Kind { router, pull, pub, dealer, sub };

    /// For peers on other hosts: they come in by CURVE alone, and a DoorKeeper of the same Messaging says
    /// whose key is good. Two peers of one routing id: the second is not heard. A peer that is gone without a
    /// word is noticed by the kernel, which counts unacknowledged bytes and no messages: a slow link is none.
    struct Guarded {
        std::string secret_key;  // Z85, the listener's
        std::chrono::milliseconds handshake{2000};
        std::chrono::milliseconds gone_after{6000};
    };

    struct Options {
        std::int64_t frame_bytes_max = -1;  // a peer that claims more is disconnected before memory is taken
        int queue_max = 1000;               // messages each way and peer
        bool owner_only = false;            // ipc: mode 0600
        int listening_fd = -1;  // a socket that listens at the endpoint already; ZeroMQ closes it, and leaves
                                // the file of its name alone
        std::optional<Guarded> guarded = {};
    };

    /// Binds. `unavailable` with the endpoint and the reason where that fails.
    static Result<std::unique_ptr<Socket>> bind(Messaging& messaging, Kind kind, const std::string& endpoint,
                                                const Options& options);
    /// A socket that is not bound: see connect(), or the other bind().
    static Result<std::unique_ptr<Socket>> open(Messaging& messaging, Kind kind, const Options& options);
    Status bind(const std::string& endpoint, const Options& options);
    /// Calls a peer that listens, too, now and again whenever it is away. Nothing is queued for one that is
    /// not there: what an earlier process left unread never reaches its successor.
    Status connect(const std::string& endpoint);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// The next whole message, or false where none waits.
    bool receive(Frames& frames);
    /// False where the peer is gone or its queue is full; the message is dropped then.
    bool send(Frames frames);

    /// pub: does anybody listen, to whatever topic? Takes in what subscribers have said since the last call,
    /// so that a message that nobody would get need not be made. Readable where one of them has said
    /// something.
    bool has_subscribers();

    /// sub: which topics to take, by their beginnings.
    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);

    /// Becomes readable, once, whenever readable() may have changed; for other loops than EventLoop.
    int event_fd() const;
    /// Is there a message? To be asked after each event of event_fd(), and after each send().
    bool readable() const;

    /// What was bound ("tcp://127.0.0.1:5555", the port filled in); empty where nothing was.
    const std::string& endpoint() const { return endpoint_; }
    void* handle() const { return socket_; }

 private:
    explicit Socket(void* socket) : socket_(socket) {}
    void* socket_;
    std::string endpoint_;
    std::size_t topics_ = 0;  // pub: that anybody listens to
};

/// What a socket's connections go through. Belongs to the socket's thread.
class Monitor {
 public:
    /// From the socket's opening on: before it is bound or called from.
    static Result<std::unique_ptr<Monitor>> of(Messaging& messaging, Socket& socket);
    ~Monitor();
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    /// How often, since the last call.
    struct News {
        int accepted = 0;
        int came = 0;     // shook hands
        int went = 0;     // disconnected, whether or not it had shaken hands
        int refused = 0;  // its key is not known
        int failed = 0;   // no handshake: other bytes, another protocol, or nothing for too long
    };
    News news();
    int event_fd() const;

 private:
    explicit Monitor(void* monitor) : monitor_(monitor) {}
    void* monitor_;
};

/// Says how many peers a socket has just now. Belongs to the socket's thread.
class PeerCount {
 public:
    /// From the socket's opening on: before it is bound or called from.
    static Result<std::unique_ptr<PeerCount>> of(Messaging& messaging, Socket& socket);

    /// What has happened since the last call.
    struct News {
        int came = 0;
        int went = 0;
    };
    News news();
    std::size_t peers() const { return peers_; }
    int event_fd() const { return monitor_->event_fd(); }

 private:
    explicit PeerCount(std::unique_ptr<Monitor> monitor) : monitor_(std::move(monitor)) {}
    std::unique_ptr<Monitor> monitor_;
    std::size_t peers_ = 0;
};

/// Says who may come in at the guarded sockets of one Messaging (ZeroMQ's ZAP). Belongs to the loop's thread.
class DoorKeeper {
 public:
    /// The name under which the holder of this public key (Z85) comes in; nothing: not at all.
    using Name = std::function<std::optional<std::string>(std::string_view public_key)>;

    /// Before the first guarded socket is bound.
    static Result<std::unique_ptr<DoorKeeper>> open(Messaging& messaging, Name name);
    /// To be watched: answer_all() when there is something to read.
    Socket& socket() { return *socket_; }
    void answer_all();

 private:
    DoorKeeper(std::unique_ptr<Socket> socket, Name name)
        : socket_(std::move(socket)), name_(std::move(name)) {}
    std::unique_ptr<Socket> socket_;
    Name name_;
};

/// How many frames in front of the header belong to the envelope: the peer's identity, what it wants to get
/// back with the answer, and the empty delimiter that REQ sends and DEALER may leave out.
std::size_t envelope_size(const Frames& frames, const std::function<bool(std::string_view)>& is_header);

/// What poll() watches: a socket or a file descriptor.
struct PollItem {
    void* socket = nullptr;
    int fd = -1;
    bool readable = false;
};

/// Waits until one of the items is readable or the time is over (-1: no limit).
void poll(std::span<PollItem> items, std::int64_t timeout_ms);

}  // namespace bgm
