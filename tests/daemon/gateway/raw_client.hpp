// A client that sends exactly the bytes that a test wants, wrong ones too, and reads answers one by one.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bgm::test {

struct HttpAnswer {
    int status = 0;                             // 0: the connection ended without one
    std::map<std::string, std::string> fields;  // names in small letters
    std::string body;
};

class RawClient {
 public:
    /// `address` is "127.0.0.1:port".
    explicit RawClient(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("nobody listens at " + address);
    }
    ~RawClient() { hang_up(); }
    RawClient(RawClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), input_(std::move(other.input_)) {}
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    int fd() const { return fd_; }
    void hang_up() {
        if (fd_ >= 0) close(std::exchange(fd_, -1));
    }
    void finish_sending() const { shutdown(fd_, SHUT_WR); }

    /// False where the other side has gone before it was all sent.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// More bytes, or false at the end or the deadline.
    bool read_more(std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
        pollfd waits{.fd = fd_, .events = POLLIN, .revents = 0};
        if (poll(&waits, 1, static_cast<int>(deadline.count())) <= 0) return false;
        char buffer[65536];
        const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        input_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    /// The other side has ended the connection, and nothing is left to read.
    bool at_end() {
        while (read_more()) {
        }
        char byte = 0;
        const ssize_t got = recv(fd_, &byte, 1, MSG_DONTWAIT);
        return input_.empty() && (got == 0 || (got < 0 && errno != EAGAIN));
    }

    std::string read_until(std::string_view mark) {
        std::size_t at = 0;
        while ((at = input_.find(mark)) == std::string::npos) {
            if (!read_more()) return std::exchange(input_, {});
        }
        std::string text = input_.substr(0, at + mark.size());
        input_.erase(0, at + mark.size());
        return text;
    }

    /// `has_body`: false for the answer to a HEAD.
    HttpAnswer read_answer(bool has_body = true) {
        HttpAnswer answer;
        const std::string head = read_until("\r\n\r\n");
        if (!head.starts_with("HTTP/1.1 ")) return answer;
        answer.status = std::atoi(head.c_str() + 9);
        for (std::size_t at = head.find("\r\n") + 2; at < head.size() - 2;) {
            const std::size_t end = head.find("\r\n", at);
            const std::size_t colon = head.find(": ", at);
            std::string name = head.substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            answer.fields[name] = head.substr(colon + 2, end - colon - 2);
            at = end + 2;
        }
        const auto length = answer.fields.find("content-length");
        if (!has_body || length == answer.fields.end()) return answer;
        const auto bytes = static_cast<std::size_t>(std::atoll(length->second.c_str()));
        while (input_.size() < bytes && read_more()) {
        }
        answer.body = input_.substr(0, bytes);
        input_.erase(0, bytes);
        return answer;
    }

    HttpAnswer ask(std::string_view request) {
        (void)send(request);
        return read_answer(!request.starts_with("HEAD "));
    }

 private:
    int fd_;
    std::string input_;
};

}  // namespace bgm::test
