// The port where workers on other hosts connect. Nobody is let in but holders of a key that stands in
// workers.curve_clients_file, over CURVE; whose key it was goes with every message that comes in.
//
// What a worker calls itself is not believed: its identity here is "@HOST/ROUTING ID" and its name
// "HOST/NAME", where HOST is the name of its key. No local worker has such a name, and no other key can make
// it. Two connections never share a routing id: the second is not heard (Socket::Guarded).
//
// ZeroMQ's threads of this port are its own: whoever storms it takes nothing from posts and local workers.
// Past `kConnectionsMax` connections the kernel turns away who calls, until those that have shown no key are
// dropped.
//
// Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/messaging.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "schemas/curve_keys.hpp"

namespace bgm {

/// What the identity of a connection begins with where it is one of this port.
constexpr char kRemoteMark = '@';
inline bool is_remote(std::string_view identity) {
    return identity.starts_with(kRemoteMark);
}

class RemoteDoor {
 public:
    using OnFrames = std::function<void(const std::string& identity, const Frames& frames)>;

    static constexpr int kConnectionsMax =
        600;  // the registry's workers, and as many that are on their way in

    /// Fails where a key cannot be read, or the address cannot be listened on; the error's field names the
    /// key.
    static Result<std::unique_ptr<RemoteDoor>> open(const Config& config, EventLoop& loop, Metrics& metrics,
                                                    OnFrames on_frames);
    ~RemoteDoor();
    RemoteDoor(const RemoteDoor&) = delete;
    RemoteDoor& operator=(const RemoteDoor&) = delete;

    /// `frames`: without the routing id. False where nothing leads to the worker any more.
    bool send(const std::string& identity, Frames frames);
    /// Takes a bounded number of messages.
    void drain();

    /// "HOST" of "@HOST/ROUTING ID".
    static std::string_view host_of(std::string_view identity);
    static std::string_view routing_id_of(std::string_view identity);

    /// Whether the host's key is on the list, and not barred.
    bool may_speak(const std::string& host);
    /// For a while no worker with the host's key is heard, nor let in.
    void bar(const std::string& host);

    /// Where it listens, the port filled in.
    const std::string& endpoint() const { return endpoint_; }

 private:
    using Clock = std::chrono::steady_clock;

    RemoteDoor(const Config& config, Metrics& metrics, OnFrames on_frames);
    Status listen(EventLoop& loop);
    std::optional<std::string> name_of(std::string_view public_key);
    void read_clients_again();
    void count_connections();

    const std::filesystem::path clients_file_;
    const std::string secret_key_file_;
    const std::string where_;
    Metrics& metrics_;
    OnFrames on_frames_;
    Messaging messaging_;
    std::unique_ptr<DoorKeeper> keeper_;  // outlives the socket: without it everybody would be let in
    std::unique_ptr<Socket> socket_;
    std::unique_ptr<Monitor> monitor_;
    std::string endpoint_;
    int listening_fd_ = -1;  // a second descriptor of what ZeroMQ listens on
    CurveClients clients_;
    std::filesystem::file_time_type clients_written_{};
    std::unordered_map<std::string, Clock::time_point> barred_;  // host -> until when
    int connections_ = 0;
    bool away_ = false;
};

}  // namespace bgm
