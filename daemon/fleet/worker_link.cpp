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

Result<std::unique_ptr<WorkerLink>> WorkerLink::open(const std::string& endpoint, EventLoop& loop,
                                                     Messaging& messaging, OnMessage on_message) {
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 16 << 20, .queue_max = 10'000, .owner_only = true});
    if (!socket) return socket.error();
    std::unique_ptr<WorkerLink> link(new WorkerLink(std::move(*socket), std::move(on_message)));
    loop.watch(*link->socket_, EventLoop::Priority::normal, [raw = link.get()] { raw->drain(); });
    return link;
}

void WorkerLink::drain() {
    Frames frames;
    const auto enough = EventLoop::Clock::now() + kRoundTime;
    for (int i = 0; i < kMessagesPerRound && EventLoop::Clock::now() < enough && socket_->receive(frames);
         ++i) {
        const std::string identity(frames[0].view());
        on_message_(identity,
                    read_from_worker(identity, frames.size() == 2 ? frames[1].view() : std::string_view()));
    }
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

bool WorkerLink::send(const std::string& identity, const v1::ToWorker& message, std::optional<Frame> media) {
    Frames frames;
    frames.emplace_back(identity);
    frames.emplace_back(message.SerializeAsString());
    if (media) frames.push_back(std::move(*media));
    return socket_->send(std::move(frames));
}

}  // namespace bgm
