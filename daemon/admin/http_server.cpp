#include "daemon/admin/http_server.hpp"
#include "schemas/mutex.hpp"

#include <civetweb.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace bgm {
namespace {

int respond(mg_connection* connection, int status, const char* reason, const char* type,
            const std::string& body) {
    mg_printf(connection,
              "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
              "Connection: close\r\n\r\n",
              status, reason, type, body.size());
    if (std::string_view(mg_get_request_info(connection)->request_method) != "HEAD") {
        mg_write(connection, body.data(), body.size());
    }
    return status;
}

}  // namespace

struct HttpServer::Impl {
    explicit Impl(const Metrics& shown) : metrics(shown) {}

    const Metrics& metrics;
    mg_context* context = nullptr;
    std::string host;  // where it listens
    int port = 0;
    Mutex mutex;
    std::vector<std::string> missing BGM_GUARDED_BY(mutex){"start"};

    static int serve_metrics(mg_connection* connection, void* data) {
        const auto& self = *static_cast<Impl*>(data);
        return respond(connection, 200, "OK", "text/plain; version=0.0.4; charset=utf-8",
                       self.metrics.text());
    }

    static int serve_health(mg_connection* connection, void*) {
        return respond(connection, 200, "OK", "application/json", "{\"alive\":true}\n");
    }

    static int serve_ready(mg_connection* connection, void* data) {
        auto& self = *static_cast<Impl*>(data);
        std::vector<std::string> missing;
        {
            const MutexLock lock(self.mutex);
            missing = self.missing;
        }
        const std::string body =
            nlohmann::json{{"ready", missing.empty()}, {"missing", missing}}.dump() + "\n";
        if (missing.empty()) return respond(connection, 200, "OK", "application/json", body);
        return respond(connection, 503, "Service Unavailable", "application/json", body);
    }

    static int serve_nothing(mg_connection* connection, void*) {
        return respond(connection, 404, "Not Found", "text/plain",
                       "there is /metrics, /healthz and /readyz\n");
    }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
    // CivetWeb's acceptor looks at its stop flag every two seconds, or when somebody connects: so we knock.
    std::atomic<bool> stopped{false};
    const std::jthread knock([this, &stopped] {
        while (!stopped) {
            if (auto* connection = mg_connect_client(impl_->host.c_str(), impl_->port, 0, nullptr, 0)) {
                mg_close_connection(connection);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    });
    mg_stop(impl_->context);
    stopped = true;
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const std::string& listen, const Metrics& metrics) {
    std::unique_ptr<Impl> impl(new Impl(metrics));
    const char* options[] = {
        "listening_ports",   listen.c_str(), "num_threads", "2", "request_timeout_ms", "5000",
        "enable_keep_alive", "no",           nullptr};
    impl->context = mg_start(nullptr, nullptr, options);
    if (impl->context == nullptr) {
        return Error{
            .code = ErrorCode::unavailable, .message = "cannot listen on " + listen, .field = "http.listen"};
    }
    impl->host = listen.substr(0, listen.find_last_of(':'));
    mg_server_port bound{};
    if (mg_get_server_ports(impl->context, 1, &bound) == 1) impl->port = bound.port;
    mg_set_request_handler(impl->context, "/metrics$", Impl::serve_metrics, impl.get());
    mg_set_request_handler(impl->context, "/healthz$", Impl::serve_health, impl.get());
    mg_set_request_handler(impl->context, "/readyz$", Impl::serve_ready, impl.get());
    mg_set_request_handler(impl->context, "/", Impl::serve_nothing, impl.get());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::set_missing(std::vector<std::string> missing) {
    const MutexLock lock(impl_->mutex);
    impl_->missing = std::move(missing);
}

}  // namespace bgm
