#include "daemon/gateway/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace bgm::gateway {
namespace {

constexpr std::chrono::milliseconds kLookPeriod{100};
constexpr int kAcceptsTogether = 64;

}  // namespace

HttpServer::HttpServer(ConnectionContext& context, ListeningSocket listener)
    : context_(context),
      address_(std::move(listener.address)),
      listener_(std::make_unique<Descriptor>(context.reactor, listener.fd)) {
    // Its members may be at work on it: it goes at the next turn of the loop.
    context_.closed = [this](Connection& connection) {
        context_.reactor.post([this, raw = &connection] { connections_.erase(raw); });
    };
}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
    watch();
    context_.reactor.every(kLookPeriod, [this] { look_at_clock(); });
}

void HttpServer::watch() {
    if (watched_ || !listener_) return;
    watched_ = true;
    listener_->when_readable([this] {
        watched_ = false;
        accept();
    });
}

void HttpServer::accept() {
    for (int i = 0; i < kAcceptsTogether && listener_; ++i) {
        const int fd = accept4(listener_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            // Out of descriptors: the next look at the clock tries again, and this loop does not turn in
            // vain.
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                (void)make_room();
                return;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) break;
            continue;  // that one has gone already
        }
        context_.metrics.count_connection();
        if (connections_.size() >= context_.limits.connections_max && !make_room()) {
            context_.metrics.count_refusal("connections");
            close(fd);
            continue;
        }
        auto connection = std::make_unique<Connection>(context_, fd);
        Connection& raw = *connection;
        connections_.emplace(&raw, std::move(connection));
        raw.start();
    }
    watch();
}

// Closed ones are still counted until the next turn: there is always a little more room than it seems.
bool HttpServer::make_room() {
    Connection* longest = nullptr;
    for (const auto& [raw, owned] : connections_) {
        if (raw->waits_for_request() && (longest == nullptr || raw->since() < longest->since()))
            longest = raw;
    }
    if (longest == nullptr) return false;
    context_.metrics.count_refusal("connections");
    longest->close();
    return true;
}

void HttpServer::look_at_clock() {
    const auto now = Connection::Clock::now();
    for (const auto& [raw, owned] : connections_)
        raw->look_at_clock(now);
    watch();
}

void HttpServer::drain() {
    context_.draining = true;
    listener_.reset();
    for (const auto& [raw, owned] : connections_) {
        if (raw->waits_for_request()) raw->close();
    }
}

}  // namespace bgm::gateway
