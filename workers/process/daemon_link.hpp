// The worker's connection to bgmd, and the only file of the workers that knows ZeroMQ.
//
// Belongs to one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

struct IncomingTask {
    v1::ToWorker message;
    std::shared_ptr<const std::string_view> media;  // keeps the frame alive; null where there is none
};

class DaemonLink {
 public:
    static Result<std::unique_ptr<DaemonLink>> connect(const std::string& endpoint,
                                                       const std::string& identity);
    ~DaemonLink();
    DaemonLink(const DaemonLink&) = delete;
    DaemonLink& operator=(const DaemonLink&) = delete;

    /// Waits until bgmd is there. False where `stop_fd` became readable first.
    bool await_connection(int stop_fd);
    /// True once the connection has broken. A confined worker cannot make another.
    bool lost();

    void send(const v1::FromWorker& message);
    /// The next message, or nothing where none waits. What cannot be read is skipped.
    std::optional<IncomingTask> receive();
    /// Waits until a message is there, the connection has broken, one of the descriptors is readable, or the
    /// time is over.
    void wait(int first_fd, int second_fd, std::chrono::milliseconds timeout);

 private:
    DaemonLink(void* context, void* socket, void* events)
        : context_(context), socket_(socket), events_(events) {}
    void* context_;
    void* socket_;
    void* events_;  // what ZeroMQ says about the connection
};

}  // namespace bgm
