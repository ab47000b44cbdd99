#include "daemon/fleet/worker_link.hpp"

#include <chrono>

#include "schemas/worker_words.hpp"

namespace bgm {
namespace {

// Answers that are taken in one turn of the loop: an answer leads to a decision, which takes long where the
// catalogue is large, and the turn must not.
constexpr int kMessagesPerRound = 64;
constexpr std::chrono::microseconds kRoundTime{800};

}  // namespace

Result<std::unique_ptr<WorkerLink>> WorkerLink::open(const Config& config, EventLoop& loop,
                                                     Messaging& messaging, Metrics& metrics,
                                                     OnMessage on_message) {
    const std::string endpoint = config.workers.endpoint.empty()
                                     ? "ipc://" + config.runtime_dir + "/workers.sock"
                                     : config.workers.endpoint;
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 16 << 20, .queue_max = 10'000, .owner_only = true});
    if (!socket) return socket.error();
    std::unique_ptr<WorkerLink> link(new WorkerLink(std::move(*socket), metrics, std::move(on_message)));
    loop.watch(*link->socket_, EventLoop::Priority::normal, [raw = link.get()] { raw->drain(); });
    if (config.workers.listen.empty()) return link;
    auto door = RemoteDoor::open(config, loop, metrics,
                                 [raw = link.get()](const std::string& identity, const Frames& frames) {
                                     raw->take_from_afar(identity, frames);
                                 });
    if (!door) return door.error();
    link->door_ = *std::move(door);
    return link;
}

namespace {

std::string_view body_of(const Frames& frames) {
    return frames.size() == 2 ? frames[1].view() : std::string_view();
}

}  // namespace

void WorkerLink::drain() {
    Frames frames;
    const auto enough = EventLoop::Clock::now() + kRoundTime;
    for (int i = 0; i < kMessagesPerRound && EventLoop::Clock::now() < enough && socket_->receive(frames);
         ++i) {
        const std::string identity(frames[0].view());
        if (is_remote(identity)) {  // whoever it is, it is not what it says
            metrics_.count_refused_remote("name");
            continue;
        }
        on_message_(identity, read_from_worker(identity, body_of(frames)));
    }
}

void WorkerLink::take_from_afar(const std::string& identity, const Frames& frames) {
    auto message = read_from_worker(RemoteDoor::routing_id_of(identity), body_of(frames));
    // From here on it has a name that nobody without this key can have.
    if (message && message->has_hello())
        message->mutable_hello()->set_name(std::string(RemoteDoor::host_of(identity)) + "/" +
                                           message->hello().name());
    on_message_(identity, std::move(message));
}

bool WorkerLink::send(const std::string& identity, TaskId id, const TaskRequest& request,
                      std::optional<Frame> media) {
    v1::ToWorker message;
    auto& out = *message.mutable_task();
    out.set_task_id(id);
    out.set_modality(std::string(name(request.modality)));
    out.set_text(request.text);
    out.set_lang(request.lang);
    out.set_has_media(media.has_value());
    out.set_receipt(is_remote(identity));
    return send(identity, message, std::move(media));
}

void WorkerLink::tell_to_retire(const std::string& identity) {
    v1::ToWorker message;
    message.mutable_retire();
    (void)send(identity, message, std::nullopt);
}

void WorkerLink::tell_to_introduce(const std::string& identity) {
    v1::ToWorker message;
    message.mutable_introduce();
    (void)send(identity, message, std::nullopt);
}

void WorkerLink::tell_to_end(const std::string& identity, std::string_view reason) {
    v1::ToWorker message;
    message.mutable_end()->set_reason(std::string(reason));
    (void)send(identity, message, std::nullopt);
}

bool WorkerLink::still_there(const std::string& identity) {
    return door_ != nullptr && door_->may_speak(std::string(RemoteDoor::host_of(identity))) &&
           send(identity, v1::ToWorker(), std::nullopt);
}

void WorkerLink::bar(const std::string& identity) {
    if (door_) door_->bar(std::string(RemoteDoor::host_of(identity)));
}

bool WorkerLink::send(const std::string& identity, const v1::ToWorker& message, std::optional<Frame> media) {
    Frames frames;
    const bool remote = is_remote(identity);
    if (!remote) frames.emplace_back(identity);
    frames.emplace_back(message.SerializeAsString());
    if (media) frames.push_back(std::move(*media));
    if (remote) return door_ != nullptr && door_->send(identity, std::move(frames));
    return socket_->send(std::move(frames));
}

}  // namespace bgm
