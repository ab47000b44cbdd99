// /metrics, /healthz and /readyz.
//
// Has threads of its own; what it shows is handed to it by value, so a slow scraper never holds up a post.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/base/metrics.hpp"
#include "schemas/result.hpp"

namespace bgm {

class HttpServer {
 public:
    /// `listen` is "host:port". `unavailable` where it cannot be bound.
    static Result<std::unique_ptr<HttpServer>> open(const std::string& listen, const Metrics& metrics);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// What keeps the daemon from being ready; empty when it is.
    void set_missing(std::vector<std::string> missing);

 private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm
