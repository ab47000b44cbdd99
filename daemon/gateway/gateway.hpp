// The gateway: HTTP on one side, bgmd on the other, and between them the rule that every request takes.
//
//     head ──> route (404, 405) ──> form (400, 415) ──> key (401) ──> scope (403) ──> its turn (429)
//          ──> body (413, 408) ──> the call
//
// So nothing is read for a request that will be refused, and no body of somebody without a key. One thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "daemon/gateway/connection.hpp"
#include "daemon/gateway/daemon_link.hpp"
#include "daemon/gateway/door_calls.hpp"
#include "daemon/gateway/event_streams.hpp"
#include "daemon/gateway/http_server.hpp"
#include "daemon/gateway/key_cache.hpp"
#include "daemon/gateway/pick_waits.hpp"
#include "daemon/gateway/post_calls.hpp"
#include "daemon/gateway/routes.hpp"

namespace bgm::gateway {

struct GatewayOptions {
    std::string listen = "127.0.0.1:0";
    std::string runtime_dir;
    HttpLimits http = {};
    std::size_t memory_bytes_max = 256UL * 1024 * 1024;
    std::size_t in_flight_per_key = 1000;
    std::size_t streams_max = 1000;
    std::chrono::seconds wait_max{30};
    std::string media_hosts;  // whose tracks the page may play, with blanks between them
};

class Gateway {
 public:
    /// Makes every socket that there will be: afterwards the process may give up its rights.
    static Result<std::unique_ptr<Gateway>> open(const GatewayOptions& options);
    ~Gateway();

    /// Returns after stop(), or where `end_fd` becomes readable; -1: there is none.
    void run(int end_fd);
    /// Any thread.
    void stop();
    const std::string& address() const { return server_->address(); }

 private:
    explicit Gateway(const GatewayOptions& options);

    void begin(const std::shared_ptr<Exchange>& exchange);
    void check_key(const std::shared_ptr<Exchange>& exchange);
    void admit(const std::shared_ptr<Exchange>& exchange, const KeyCache::Answer& key);
    void call_without_body(const std::shared_ptr<Exchange>& exchange);
    void call(const std::shared_ptr<Exchange>& exchange);
    void serve_file(const std::shared_ptr<Exchange>& exchange, std::string_view name);
    GatewayMetrics::Levels levels() const;

    const GatewayOptions options_;
    const std::string page_policy_;  // Content-Security-Policy
    const std::string openapi_;
    const std::string docs_;
    // The order is that of their needs: what is below uses what is above.
    Reactor reactor_;
    GatewayMetrics metrics_;
    MemoryBudget budget_;
    std::unique_ptr<DaemonLink> daemon_;
    std::unique_ptr<KeyCache> keys_;
    std::unique_ptr<PickWaits> waits_;
    std::unique_ptr<PostCalls> posts_;
    std::unique_ptr<DoorCalls> door_;
    std::unique_ptr<EventStreams> streams_;
    std::unordered_map<std::string, std::size_t> in_flight_;  // by key
    ConnectionContext context_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Descriptor> end_;
};

}  // namespace bgm::gateway
