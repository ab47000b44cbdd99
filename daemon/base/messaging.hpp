// ZeroMQ, wrapped once: frames, sockets and the context, without a ZeroMQ header for the includer.
//
// A Socket belongs to one thread. Nothing here blocks: receive() and send() answer at once, and the event
// loop says when there is something to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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

 private:
    friend class Socket;
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
    void* context_;
};

class Socket {
 public:
    enum class Kind { router, pull, pub };

    struct Options {
        std::int64_t frame_bytes_max = -1;  // a peer that claims more is disconnected before memory is taken
        int queue_max = 1000;               // messages each way and peer
        bool owner_only = false;            // ipc: mode 0600
    };

    /// Binds. `unavailable` with the endpoint and the reason where that fails.
    static Result<std::unique_ptr<Socket>> bind(Messaging& messaging, Kind kind, const std::string& endpoint,
                                                const Options& options);
    /// A socket that only calls others: see connect().
    static Result<std::unique_ptr<Socket>> open(Messaging& messaging, Kind kind, const Options& options);
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

    /// What was bound ("tcp://127.0.0.1:5555", the port filled in); empty where nothing was.
    const std::string& endpoint() const { return endpoint_; }
    void* handle() const { return socket_; }

 private:
    explicit Socket(void* socket) : socket_(socket) {}
    void* socket_;
    std::string endpoint_;
    std::size_t topics_ = 0;  // pub: that anybody listens to
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
