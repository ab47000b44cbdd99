// A web server of a few lines on 127.0.0.1, which says exactly the bytes that a test wants, wrong ones too.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bgm {

class LoopbackServer {
 public:
    struct Answer {
        std::string bytes;
        bool hold = false;  // keeps the connection open and silent afterwards
    };
    /// Called with the whole request head, once for each request.
    using Handler = std::function<Answer(const std::string& request)>;

    explicit LoopbackServer(Handler handler);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }

    static std::string ok(const std::string& body);
    static std::string redirect(const std::string& location);
    static std::string status(int code);

 private:
    void run(const std::stop_token& stop);
    void serve(int fd, const std::stop_token& stop);

    const Handler handler_;
    int listener_ = -1;
    int stop_fd_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::vector<std::jthread> peers_;
    std::jthread thread_;
};

}  // namespace bgm
