// A fetcher whose names and connections are the test's own: no test ever dials anything but a loopback
// listener.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/fetch/media_fetcher.hpp"

namespace bgm {

/// Answers from a table; each name may answer differently each time, the last answer stays.
class TableResolver final : public Resolver {
 public:
    using Answers = std::vector<std::vector<std::string>>;
    explicit TableResolver(std::map<std::string, Answers> table) : table_(std::move(table)) {}

    Result<std::vector<IpAddress>> resolve(const std::string& host) override {
        const std::lock_guard lock(mutex_);
        const auto found = table_.find(host);
        if (found == table_.end()) return Error{.code = ErrorCode::not_found, .message = "no such host"};
        const std::size_t turn = std::min(asked_[host]++, found->second.size() - 1);
        std::vector<IpAddress> addresses;
        for (const std::string& text : found->second[turn])
            addresses.push_back(IpAddress::parse(text).value());
        return addresses;
    }

 private:
    const std::map<std::string, Answers> table_;
    std::mutex mutex_;
    std::map<std::string, std::size_t> asked_;
};

/// What the fetcher says of each fetch.
struct Reports {
    std::mutex mutex;
    std::vector<FetchReport> reports;

    OnFetchEnded keep() {
        return [this](const FetchReport& report) {
            const std::lock_guard lock(mutex);
            reports.push_back(report);
        };
    }
    FetchReport last() {
        const std::lock_guard lock(mutex);
        return reports.back();
    }
};

/// What the fetcher wanted to connect to; a failing guard shows here and nowhere else.
struct Dialled {
    std::mutex mutex;
    std::vector<std::string> addresses;

    std::vector<std::string> all() {
        const std::lock_guard lock(mutex);
        return addresses;
    }
};

class RecordingConnector final : public Connector {
 public:
    /// Everything goes to this port of 127.0.0.1; 0: nothing is connected at all.
    RecordingConnector(Dialled& dialled, std::uint16_t port) : dialled_(dialled), port_(port) {}

    std::optional<Endpoint> route(const Endpoint& checked) override {
        const std::lock_guard lock(dialled_.mutex);
        dialled_.addresses.push_back(checked.address.text());
        if (port_ == 0) return std::nullopt;
        return Endpoint{.address = IpAddress::parse("127.0.0.1").value(), .port = port_};
    }

 private:
    Dialled& dialled_;
    const std::uint16_t port_;
};

inline Result<FetchedBytes> fetch_now(MediaFetcher& fetcher, const std::string& uri,
                                      std::size_t bytes_max = 1 << 20,
                                      const std::string& tenant = "default") {
    std::promise<Result<FetchedBytes>> promise;
    auto future = promise.get_future();
    fetcher.fetch({.uri = uri, .tenant = tenant, .bytes_max = bytes_max},
                  [&promise](Result<FetchedBytes> result) { promise.set_value(std::move(result)); });
    return future.get();
}

}  // namespace bgm
