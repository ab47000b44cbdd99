#include "tests/daemon/fetch/loopback_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace bgm {

LoopbackServer::LoopbackServer(Handler handler, const char* bind_to, std::uint16_t port)
    : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr(bind_to);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0) std::abort();
    getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    stop_fd_ = eventfd(0, EFD_CLOEXEC);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LoopbackServer::~LoopbackServer() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    (void)!write(stop_fd_, &one, sizeof one);
    thread_.join();
    for (std::jthread& peer : peers_)
        peer.request_stop();
    peers_.clear();
    close(listener_);
    close(stop_fd_);
}

std::string LoopbackServer::ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string LoopbackServer::redirect(const std::string& location) {
    return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

std::string LoopbackServer::status(int code) {
    return "HTTP/1.1 " + std::to_string(code) + " As asked\r\nContent-Length: 0\r\n\r\n";
}

void LoopbackServer::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> ready{pollfd{listener_, POLLIN, 0}, pollfd{stop_fd_, POLLIN, 0}};
        poll(ready.data(), ready.size(), -1);
        if ((ready[0].revents & POLLIN) == 0) continue;
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        ++connections_;
        peers_.emplace_back([this, fd](const std::stop_token& peer_stop) { serve(fd, peer_stop); });
    }
}

void LoopbackServer::serve(int fd, const std::stop_token& /*stop*/) {
    std::string request;
    std::array<char, 4096> buffer{};
    while (true) {
        std::array<pollfd, 2> ready{pollfd{fd, POLLIN, 0}, pollfd{stop_fd_, POLLIN, 0}};
        poll(ready.data(), ready.size(), -1);
        if (ready[1].revents != 0) break;
        const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) break;
        request.append(buffer.data(), static_cast<std::size_t>(got));
        if (request.find("\r\n\r\n") == std::string::npos) continue;
        const Answer answer = handler_(request);
        request.clear();
        std::size_t sent = 0;
        while (sent < answer.bytes.size()) {
            const ssize_t some =
                send(fd, answer.bytes.data() + sent, answer.bytes.size() - sent, MSG_NOSIGNAL);
            if (some <= 0) break;
            sent += static_cast<std::size_t>(some);
        }
        pollfd stopped{stop_fd_, POLLIN, 0};
        const std::string drip(static_cast<std::size_t>(answer.drip), 'x');
        while (!drip.empty() && poll(&stopped, 1, 20) == 0 &&
               send(fd, drip.data(), drip.size(), MSG_NOSIGNAL) > 0) {
        }
        if (!drip.empty() || sent < answer.bytes.size() ||
            (!answer.hold && answer.bytes.find("Content-Length") == std::string::npos))
            break;
    }
    close(fd);
}

}  // namespace bgm
