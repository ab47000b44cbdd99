// Where workers connect, those of this host and, where there is a port for them, those of others
// (RemoteDoor): ZeroMQ frames in and out, and no word of a worker gets further unless it has been judged
// (schemas/worker_words.hpp). Knows neither tasks nor workers beyond the identity of a connection.
// Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/fleet/remote_door.hpp"
#include "daemon/fleet/task.hpp"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

class WorkerLink {
 public:
    /// One message of the worker at `identity`; an error where what it said is none.
    using OnMessage = std::function<void(const std::string& identity, Result<v1::FromWorker> message)>;

    static Result<std::unique_ptr<WorkerLink>> open(const Config& config, EventLoop& loop,
                                                    Messaging& messaging, Metrics& metrics,
                                                    OnMessage on_message);

    /// False where nothing leads to the worker any more; the task is not sent then.
    bool send(const std::string& identity, TaskId id, const TaskRequest& request, std::optional<Frame> media);
    /// To end, once it has answered what it has.
    void tell_to_retire(const std::string& identity);
    /// To say Hello.
    void tell_to_introduce(const std::string& identity);

    /// On another host, where bgmd cannot: to kill the process and start another.
    void tell_to_end(const std::string& identity, std::string_view reason);
    /// On another host: false where nothing leads to it any more, or its key counts no more.
    bool still_there(const std::string& identity);
    /// No worker of its host is heard for a while.
    void bar(const std::string& identity);

    /// Where this host's workers connect.
    const std::string& endpoint() const { return socket_->endpoint(); }
    /// Where those of others do; empty where there is no such port.
    std::string remote_endpoint() const { return door_ ? door_->endpoint() : ""; }

 private:
    WorkerLink(std::unique_ptr<Socket> socket, Metrics& metrics, OnMessage on_message)
        : socket_(std::move(socket)), metrics_(metrics), on_message_(std::move(on_message)) {}
    void drain();
    void take_from_afar(const std::string& identity, const Frames& frames);
    bool send(const std::string& identity, const v1::ToWorker& message, std::optional<Frame> media);

    std::unique_ptr<Socket> socket_;
    Metrics& metrics_;
    OnMessage on_message_;
    std::unique_ptr<RemoteDoor> door_;
};

}  // namespace bgm
