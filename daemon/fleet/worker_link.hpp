// Where workers connect: ZeroMQ frames in and out, and no word of a worker gets further unless it has been
// judged (schemas/worker_words.hpp). Knows neither tasks nor workers beyond the identity of a connection.
// Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/fleet/task.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

class WorkerLink {
 public:
    /// One message of the worker at `identity`; an error where what it said is none.
    using OnMessage = std::function<void(const std::string& identity, Result<v1::FromWorker> message)>;

    static Result<std::unique_ptr<WorkerLink>> open(const std::string& endpoint, EventLoop& loop,
                                                    Messaging& messaging, OnMessage on_message);

    /// False where nothing leads to the worker any more; the task is not sent then.
    bool send(const std::string& identity, TaskId id, const TaskRequest& request, std::optional<Frame> media);
    /// To end, once it has answered what it has.
    void tell_to_retire(const std::string& identity);
    /// To say Hello.
    void tell_to_introduce(const std::string& identity);

    const std::string& endpoint() const { return socket_->endpoint(); }

 private:
    WorkerLink(std::unique_ptr<Socket> socket, OnMessage on_message)
        : socket_(std::move(socket)), on_message_(std::move(on_message)) {}
    void drain();
    bool send(const std::string& identity, const v1::ToWorker& message, std::optional<Frame> media);

    std::unique_ptr<Socket> socket_;
    OnMessage on_message_;
};

}  // namespace bgm
