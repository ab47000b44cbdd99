// A web server of a few lines on an address of 127.0.0.0/8, which says exactly the bytes that a test wants,
// wrong ones too.
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
        int drip = 0;       // sends so many bytes again and again afterwards, for as long as somebody listens
    };
    /// Called with the whole request head, once for each request.
    using Handler = std::function<Answer(const std::string& request)>;

    /// Port 0: any that is free.
    explicit LoopbackServer(Handler handler, const char* address = "127.0.0.1", std::uint16_t port = 0);
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
