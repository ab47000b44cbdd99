#include "workers/daemon_link.hpp"

#include <zmq.h>

#include <array>

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

}  // namespace

Result<std::unique_ptr<DaemonLink>> DaemonLink::connect(const std::string& endpoint,
                                                        const std::string& identity) {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_DEALER);
    std::unique_ptr<DaemonLink> link(new DaemonLink(context, socket));
    const int linger_ms = 1000;
    const int unlimited = 0;
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
    zmq_ctx_term(context_);
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
    std::array<zmq_pollitem_t, 3> items{{{socket_, 0, ZMQ_POLLIN, 0},
                                         {nullptr, first_fd, ZMQ_POLLIN, 0},
                                         {nullptr, second_fd, ZMQ_POLLIN, 0}}};
    zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout.count()));
}

}  // namespace bgm
