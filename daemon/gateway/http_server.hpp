// Takes connections, and looks after them: how many there may be, and how long each may take.
//
// Where there are too many, the one that has waited longest for a request to come is closed for the new one:
// whoever holds thousands of silent connections keeps nobody out. Belongs to the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "daemon/base/listening_socket.hpp"
#include "daemon/gateway/connection.hpp"

namespace bgm::gateway {

class HttpServer {
 public:
    HttpServer(ConnectionContext& context, ListeningSocket listener);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void start();
    /// Takes no more connections, and closes those that have nothing under way.
    void drain();
    const std::string& address() const { return address_; }
    std::size_t connections() const { return connections_.size(); }

 private:
    void watch();
    void accept();
    bool make_room();
    void look_at_clock();

    ConnectionContext& context_;
    const std::string address_;
    std::unique_ptr<Descriptor> listener_;
    bool watched_ = false;
    std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
};

}  // namespace bgm::gateway
