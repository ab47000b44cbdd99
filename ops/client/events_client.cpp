#include "ops/client/events_client.hpp"

#include "ops/client/daemon_json.hpp"

namespace bgm {

Result<EventsClient> EventsClient::connect(const std::string& endpoint, const std::string& tenant,
                                           std::chrono::milliseconds deadline) {
    auto socket = ClientSocket::open({.kind = ClientSocket::Kind::subscriber,
                                      .endpoint = endpoint,
                                      .what = "the events endpoint",
                                      .hint = "--events, BGMD_EVENTS or events.endpoint in bgmd.toml",
                                      .topics = {"pick." + tenant + ".", "dead." + tenant},
                                      .deadline = deadline});
    if (!socket) return socket.error();
    return EventsClient(std::move(*socket), tenant);
}

Result<std::optional<Event>> EventsClient::receive(std::chrono::milliseconds wait) {
    const auto give_up = std::chrono::steady_clock::now() + wait;
    while (true) {
        auto frames = socket_.receive();
        if (!frames) return frames.error();
        if (frames->empty()) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                give_up - std::chrono::steady_clock::now());
            if (left.count() <= 0 || !socket_.wait(left)) return std::optional<Event>();
            continue;
        }
        if (frames->size() != 2) continue;
        Event event;
        const std::string& topic = frames->front();
        if (topic.starts_with("pick.")) {
            v1::Pick pick;
            if (read_daemon_json(frames->back(), pick)) event.pick = std::move(pick);
        } else if (topic.starts_with("dead.")) {
            v1::DeadLetter dead;
            if (read_daemon_json(frames->back(), dead)) event.dead = std::move(dead);
        }
        // "dead.shop" is also the beginning of "dead.shop2".
        if ((event.pick || event.dead) && event.tenant() == tenant_) {
            return std::optional<Event>(std::move(event));
        }
    }
}

}  // namespace bgm
