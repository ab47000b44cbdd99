#include "workers/process/daemon_link.hpp"

#include <zmq.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace bgm {
namespace {

// A frame and a view of it, in one allocation that the task shares.
struct MediaFrame {
    zmq_msg_t frame;
    std::string_view view;

    explicit MediaFrame(zmq_msg_t& source) {
        zmq_msg_init(&frame);
        zmq_msg_move(&frame, &source);
        view = {static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame)};
    }
    ~MediaFrame() { zmq_msg_close(&frame); }
    MediaFrame(const MediaFrame&) = delete;
    MediaFrame& operator=(const MediaFrame&) = delete;
};

constexpr const char* kEvents = "inproc://connection";

// Longer than a worker needs to see that the connection broke, and to end: a confined one may not try again.
constexpr int kReconnectMs = 1000;

// The number of the next event, 0 where none waits. An event is a frame that begins with its number, and an
// address.
int next_event(void* events) {
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    int number = 0;
    if (zmq_msg_recv(&frame, events, ZMQ_DONTWAIT) >= 2) {
        std::uint16_t value = 0;
        std::memcpy(&value, zmq_msg_data(&frame), sizeof value);
        number = value;
    }
    const bool more = zmq_msg_more(&frame) != 0;
    zmq_msg_close(&frame);
    if (more) {
        zmq_msg_init(&frame);
        zmq_msg_recv(&frame, events, ZMQ_DONTWAIT);
        zmq_msg_close(&frame);
    }
    return number;
}

}  // namespace

Result<std::unique_ptr<DaemonLink>> DaemonLink::connect(const std::string& endpoint,
                                                        const std::string& identity) {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_DEALER);
    zmq_socket_monitor(socket, kEvents, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    void* events = zmq_socket(context, ZMQ_PAIR);
    std::unique_ptr<DaemonLink> link(new DaemonLink(context, socket, events));
    zmq_connect(events, kEvents);
    const int linger_ms = 1000;
    const int unlimited = 0;
    zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &kReconnectMs, sizeof kReconnectMs);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);  // bounded by the credits
    zmq_setsockopt(socket, ZMQ_ROUTING_ID, identity.data(), identity.size());
    if (zmq_connect(socket, endpoint.c_str()) != 0) {
        return Error{.code = ErrorCode::unavailable, .message = zmq_strerror(zmq_errno()), .field = endpoint};
    }
    return link;
}

DaemonLink::~DaemonLink() {
    zmq_close(socket_);
    zmq_close(events_);
    zmq_ctx_term(context_);
}

bool DaemonLink::await_connection(int stop_fd) {
    while (true) {
        std::array<zmq_pollitem_t, 2> items{{{events_, 0, ZMQ_POLLIN, 0}, {nullptr, stop_fd, ZMQ_POLLIN, 0}}};
        zmq_poll(items.data(), static_cast<int>(items.size()), -1);
        if (items[1].revents != 0) return false;
        while (const int event = next_event(events_)) {
            if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return true;
        }
    }
}

bool DaemonLink::lost() {
    while (const int event = next_event(events_)) {
        if (event == ZMQ_EVENT_DISCONNECTED) return true;
    }
    return false;
}

void DaemonLink::send(const v1::FromWorker& message) {
    const std::string bytes = message.SerializeAsString();
    zmq_send(socket_, bytes.data(), bytes.size(), ZMQ_DONTWAIT);
}

std::optional<IncomingTask> DaemonLink::receive() {
    while (true) {
        IncomingTask task;
        bool more = true;
        bool readable = false;
        for (int part = 0; more; ++part) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            if (zmq_msg_recv(&frame, socket_, ZMQ_DONTWAIT) < 0) {
                zmq_msg_close(&frame);
                return std::nullopt;
            }
            more = zmq_msg_more(&frame) != 0;
            if (part == 0) {
                readable =
                    task.message.ParseFromArray(zmq_msg_data(&frame), static_cast<int>(zmq_msg_size(&frame)));
            } else if (part == 1) {
                auto media = std::make_shared<MediaFrame>(frame);
                task.media = {media, &media->view};
            }
            zmq_msg_close(&frame);
        }
        if (readable) return task;
    }
}

void DaemonLink::wait(int first_fd, int second_fd, std::chrono::milliseconds timeout) {
    std::array<zmq_pollitem_t, 4> items{{{socket_, 0, ZMQ_POLLIN, 0},
                                         {events_, 0, ZMQ_POLLIN, 0},
                                         {nullptr, first_fd, ZMQ_POLLIN, 0},
                                         {nullptr, second_fd, ZMQ_POLLIN, 0}}};
    zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout.count()));
}

}  // namespace bgm
