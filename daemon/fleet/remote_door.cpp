#include "daemon/fleet/remote_door.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/base/listening_socket.hpp"
#include "daemon/base/log.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kBarredFor{60};
constexpr std::chrono::milliseconds kCountPeriod{50};
constexpr std::chrono::seconds kReadPeriod{1};
constexpr int kBacklog = 128;
// As in WorkerLink: one turn of the loop must not be long.
constexpr int kMessagesPerRound = 64;
constexpr std::chrono::microseconds kRoundTime{800};

// Strangers hold descriptors until they are dropped: the journal and the media must have theirs all the same.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Error in_key(const char* key, const Error& error) {
    return {.code = error.code, .message = error.to_string(), .field = key};
}

}  // namespace

RemoteDoor::RemoteDoor(const Config& config, Metrics& metrics, OnFrames on_frames)
    : clients_file_(config.workers.curve_clients_file),
      secret_key_file_(config.workers.curve_secret_file),
      where_(config.workers.listen),
      metrics_(metrics),
      on_frames_(std::move(on_frames)) {}

Result<std::unique_ptr<RemoteDoor>> RemoteDoor::open(const Config& config, EventLoop& loop, Metrics& metrics,
                                                     OnFrames on_frames) {
    std::unique_ptr<RemoteDoor> door(new RemoteDoor(config, metrics, std::move(on_frames)));
    std::error_code ignored;
    door->clients_written_ = std::filesystem::last_write_time(door->clients_file_, ignored);
    auto clients = read_curve_clients(door->clients_file_);
    if (!clients) return in_key("workers.curve_clients_file", clients.error());
    door->clients_ = *std::move(clients);
    if (auto listens = door->listen(loop); !listens) return listens.error();
    return door;
}

Status RemoteDoor::listen(EventLoop& loop) {
    auto secret = read_curve_secret(secret_key_file_);
    if (!secret) return in_key("workers.curve_secret_file", secret.error());
    raise_descriptor_limit();
    auto keeper = DoorKeeper::open(messaging_, [this](std::string_view key) { return name_of(key); });
    if (!keeper) return keeper.error();
    keeper_ = *std::move(keeper);
    constexpr std::string_view kTcp = "tcp://";
    auto listening = listen_on(where_.substr(kTcp.size()));
    if (!listening) return in_key("workers.listen", listening.error());
    ::listen(listening->fd, kBacklog);
    endpoint_ = std::string(kTcp) + listening->address;
    listening_fd_ = dup(listening->fd);
    const Socket::Options options{.frame_bytes_max = 16 << 20,
                                  .queue_max = 10'000,
                                  .listening_fd = listening->fd,
                                  .guarded = Socket::Guarded{.secret_key = *secret}};
    auto socket = Socket::open(messaging_, Socket::Kind::router, options);
    if (!socket) return socket.error();
    socket_ = *std::move(socket);
    auto monitor = Monitor::of(messaging_, *socket_);
    if (!monitor) return monitor.error();
    monitor_ = *std::move(monitor);
    if (auto bound = socket_->bind(endpoint_, options); !bound)
        return in_key("workers.listen", bound.error());
    loop.watch(keeper_->socket(), EventLoop::Priority::normal, [this] { keeper_->answer_all(); });
    loop.watch(*socket_, EventLoop::Priority::normal, [this] { drain(); });
    loop.every(kCountPeriod, [this] { count_connections(); });
    loop.every(kReadPeriod, [this] { read_clients_again(); });
    log_info("workers on other hosts may connect",
             {{"endpoint", endpoint_}, {"keys", std::to_string(clients_.size())}});
    return ok_status();
}

RemoteDoor::~RemoteDoor() {
    if (listening_fd_ >= 0) close(listening_fd_);
}

std::string_view RemoteDoor::host_of(std::string_view identity) {
    return identity.substr(1, identity.find('/') - 1);
}

std::string_view RemoteDoor::routing_id_of(std::string_view identity) {
    return identity.substr(identity.find('/') + 1);
}

bool RemoteDoor::send(const std::string& identity, Frames frames) {
    frames.insert(frames.begin(), Frame(routing_id_of(identity)));
    return socket_->send(std::move(frames));
}

void RemoteDoor::drain() {
    Frames frames;
    const auto enough = Clock::now() + kRoundTime;
    for (int i = 0; i < kMessagesPerRound && Clock::now() < enough && socket_->receive(frames); ++i) {
        const std::string host = frames.back().user();
        if (!may_speak(host)) {
            metrics_.count_refused_remote("key");
            continue;
        }
        on_frames_(kRemoteMark + host + "/" + std::string(frames[0].view()), frames);
    }
}

std::optional<std::string> RemoteDoor::name_of(std::string_view public_key) {
    const auto found = clients_.find(public_key);
    if (found == clients_.end() || !may_speak(found->second)) return std::nullopt;
    return found->second;
}

// Also asked for each message: a key may have been taken from the list since its holder came in.
bool RemoteDoor::may_speak(const std::string& host) {
    if (const auto barred = barred_.find(host); barred != barred_.end()) {
        if (Clock::now() < barred->second) return false;
        barred_.erase(barred);
    }
    return std::any_of(clients_.begin(), clients_.end(),
                       [&](const auto& client) { return client.second == host; });
}

void RemoteDoor::bar(const std::string& host) {
    barred_[host] = Clock::now() + kBarredFor;
    log_warn("a host is not let in for a while",
             {{"host", host}, {"seconds", std::to_string(kBarredFor.count())}});
}

void RemoteDoor::read_clients_again() {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(clients_file_, error);
    if (error || written == clients_written_) return;
    clients_written_ = written;
    auto clients = read_curve_clients(clients_file_);
    if (!clients)
        return log_error("the keys of before go on to count", {{"error", clients.error().to_string()}});
    clients_ = *std::move(clients);
    log_info("the keys of workers on other hosts were read again",
             {{"keys", std::to_string(clients_.size())}});
}

void RemoteDoor::count_connections() {
    const Monitor::News news = monitor_->news();
    metrics_.count_refused_remote("key", static_cast<std::uint64_t>(news.refused));
    metrics_.count_refused_remote("handshake", static_cast<std::uint64_t>(news.failed));
    connections_ = std::max(connections_ + news.accepted - news.went, 0);
    metrics_.set_remote_connections(static_cast<std::size_t>(connections_));
    const bool away = connections_ >= (away_ ? kConnectionsMax * 3 / 4 : kConnectionsMax);
    if (away == away_ || !turn_away(listening_fd_, away)) return;
    away_ = away;
    if (away)
        log_warn("too many connect to the workers' port: who calls is turned away for a moment",
                 {{"connections", std::to_string(connections_)}});
}

}  // namespace bgm
