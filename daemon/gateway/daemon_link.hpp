// bgmd, as the gateway knows it: posts and their acks, questions at its door, and events.
//
// bgmd calls; nothing here dials. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/gateway/daemon_channel.hpp"
#include "schemas/bgm.pb.h"

namespace bgm::gateway {

/// The door's word: `result` is a JSON value as text, which need not be read to be passed on.
struct DoorAnswer {
    struct Refusal {
        std::string code;
        std::string field;
        std::string message;
    };
    std::string result;
    std::optional<Refusal> error;
};

/// What bgmd publishes.
struct DaemonEvent {
    std::string tenant;
    bool pick = false;  // else a dead letter
    std::string_view json;

    /// Topics are "pick.<tenant>.<mood>" and "dead.<tenant>".
    static DaemonEvent of(std::string_view topic, std::string_view json);
};

class DaemonLink {
 public:
    using OnAck = std::function<void(const Result<v1::Ack>&)>;
    using OnAnswer = std::function<void(const DoorAnswer&)>;
    using OnEvent = std::function<void(const DaemonEvent&)>;

    /// The listening sockets in `runtime_dir` are made here: before the process gives up its rights.
    static Result<std::unique_ptr<DaemonLink>> open(const std::string& runtime_dir, Reactor& reactor);
    ~DaemonLink();

    /// A post as protobuf, and the media frames behind it; with the digest of the key that it came with.
    void post(const std::string& key_digest, Frames post, OnAck on_ack);
    /// `request` without more than the operation, the key's digest and its fields.
    void ask(const nlohmann::json& request, OnAnswer on_answer);
    /// Counted: each listen() needs an unlisten(). Events of the tenant go to `on_event` meanwhile.
    void listen(const std::string& tenant);
    void unlisten(const std::string& tenant);
    /// Before the first event.
    void on_event(OnEvent handler) { on_event_ = std::move(handler); }

    bool daemon_is_there() const;
    std::size_t waiting() const { return posts_->waiting() + door_->waiting(); }
    /// Now and then: gives up what has waited too long.
    void look_at_clock();

 private:
    explicit DaemonLink(Reactor& reactor) : reactor_(reactor) {}
    void watch_events();
    void take_events();

    Reactor& reactor_;
    Messaging messaging_;
    std::unique_ptr<DaemonChannel> posts_;
    std::unique_ptr<DaemonChannel> door_;
    std::unique_ptr<Socket> events_;
    std::unique_ptr<Descriptor> event_events_;
    std::unordered_map<std::string, std::size_t> listeners_;  // by tenant
    OnEvent on_event_;
};

}  // namespace bgm::gateway
