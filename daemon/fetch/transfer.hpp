// One libcurl transfer: a GET of one URL from one address that has been checked. Belongs to the fetcher's
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "daemon/fetch/curl_handles.hpp"
#include "daemon/fetch/media_fetcher.hpp"

namespace bgm {

/// Bytes held by all transfers and by the bodies handed out.
class MemoryBudget {
 public:
    explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    bool take(std::size_t bytes);
    void give_back(std::size_t bytes) { used_ -= bytes; }
    std::size_t used() const { return used_; }

 private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
};

class Transfer {
 public:
    struct Plan {
        WebUrl url;
        std::string tenant;
        IpAddress address;
        std::size_t bytes_max = 0;
        std::chrono::milliseconds time_left{0};
    };
    enum class Outcome { done, redirected, failed };

    /// `rules` outlive it.
    Transfer(Plan plan, const FetchRules& rules, const FetchLimits& limits, Connector& connector,
             std::shared_ptr<MemoryBudget> memory);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return handle_.get(); }

    /// What has come of it, once libcurl says that it is over.
    Outcome conclude(CURLcode code);
    const WebUrl& url() const { return plan_.url; }
    const std::string& location() const { return location_; }  // redirected
    const Error& error() const { return error_; }              // failed
    std::uint64_t bytes_received() const;
    std::uint64_t connections_opened() const;
    bool reused_a_connection() const;
    FetchedBytes take_body();  // done

 private:
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    bool add(std::string_view bytes);
    bool connected() const;
    Error failure(CURLcode code, long status) const;

    const Plan plan_;
    const FetchRules& rules_;
    Connector& connector_;
    const std::shared_ptr<MemoryBudget> memory_;
    CurlList connect_to_;  // outlives the handle
    CurlHandle handle_;
    std::string body_;
    std::size_t taken_ = 0;  // of the memory
    std::string location_;
    Error error_;
    Error refusal_;  // why we broke it off ourselves
    bool broken_off_ = false;
    bool dialled_ = false;
};

}  // namespace bgm
