#include "tests/daemon/queue/lying_broker.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <vector>

namespace bgm::test {
namespace {

bool read_all(int socket, char* into, std::size_t bytes) {
    while (bytes > 0) {
        const ssize_t got = recv(socket, into, bytes, 0);
        if (got <= 0) return false;
        into += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

void write_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string long_text(const std::string& text) {
    return octets(text.size(), 4) + text;
}

std::uint64_t number(const std::string& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

constexpr std::uint32_t kStart = 0x000A000A;
constexpr std::uint32_t kStartOk = 0x000A000B;
constexpr std::uint32_t kTune = 0x000A001E;
constexpr std::uint32_t kOpen = 0x000A0028;
constexpr std::uint32_t kOpenOk = 0x000A0029;
constexpr std::uint32_t kClose = 0x000A0032;
constexpr std::uint32_t kCloseOk = 0x000A0033;

}  // namespace

std::string octets(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i)
        text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

std::string frame(std::uint8_t type, std::uint16_t channel, const std::string& payload) {
    return octets(type, 1) + octets(channel, 2) + octets(payload.size(), 4) + payload + "\xce";
}

std::string method(std::uint16_t channel, std::uint32_t id, const std::string& arguments) {
    return frame(1, channel, octets(id, 4) + arguments);
}

std::string delivery(std::uint16_t channel, std::uint64_t tag) {
    return method(channel, 0x003C003C,
                  octets(1, 1) + "c" + octets(tag, 8) + octets(0, 1) + octets(0, 1) + octets(1, 1) + "q");
}

std::string header(std::uint16_t channel, std::uint64_t body_bytes) {
    return frame(2, channel, octets(60, 2) + octets(0, 2) + octets(body_bytes, 8) + octets(0, 2));
}

LyingBroker::LyingBroker(Script script) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    (void)bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    (void)listen(listener_, 16);
    (void)getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] {
        std::vector<std::jthread> serving;
        std::vector<int> clients;
        for (;;) {
            const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) break;
            connections_ += 1;
            clients.push_back(client);
            serving.emplace_back([this, client] { serve(client); });
        }
        for (const int client : clients)
            shutdown(client, SHUT_RDWR);
        serving.clear();
        for (const int client : clients)
            close(client);
    });
}

LyingBroker::~LyingBroker() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
}

void LyingBroker::serve(int client) const {
    std::array<char, 8> greeting{};
    if (!read_all(client, greeting.data(), greeting.size())) return;
    write_all(client,
              method(0, kStart, octets(9, 2) + octets(0, 4) + long_text("PLAIN") + long_text("en_US")));
    for (;;) {
        std::string start(7, '\0');
        if (!read_all(client, start.data(), start.size())) return;
        std::string rest(number(start, 3, 4) + 1, '\0');
        if (!read_all(client, rest.data(), rest.size())) return;
        if (start[0] != 1) continue;
        const auto channel = static_cast<std::uint16_t>(number(start, 1, 2));
        const auto id = static_cast<std::uint32_t>(number(rest, 0, 4));
        if (id == kStartOk) {
            // As large as can be asked for: the client's own limits hold.
            write_all(client, method(0, kTune, octets(0xffff, 2) + octets(0xffffffff, 4) + octets(0, 2)));
        } else if (id == kOpen) {
            write_all(client, method(0, kOpenOk, octets(0, 1)));
        } else if (id == kClose) {
            write_all(client, method(0, kCloseOk));
            return;
        } else if (channel != 0) {
            write_all(client, script_(channel, id));
        }
    }
}

}  // namespace bgm::test
