#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "daemon/fetch/media_fetcher.hpp"

namespace bgm {
namespace {

class SystemResolver final : public Resolver {
 public:
    Result<std::vector<IpAddress>> resolve(const std::string& host) override {
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_ADDRCONFIG;
        addrinfo* list = nullptr;
        const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &list);
        if (failure != 0) {
            const bool heals = failure == EAI_AGAIN || failure == EAI_MEMORY || failure == EAI_SYSTEM;
            return Error{.code = heals ? ErrorCode::unavailable : ErrorCode::not_found,
                         .message = std::string("the host cannot be resolved: ") + gai_strerror(failure)};
        }
        const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, freeaddrinfo);
        std::vector<IpAddress> addresses;
        for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
            const auto address = IpAddress::from(*entry->ai_addr);
            if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
                addresses.push_back(*address);
        }
        return addresses;
    }
};

class DirectConnector final : public Connector {
 public:
    std::optional<Endpoint> route(const Endpoint& checked) override { return checked; }
};

}  // namespace

std::unique_ptr<Resolver> make_system_resolver() {
    return std::make_unique<SystemResolver>();
}

std::unique_ptr<Connector> make_direct_connector() {
    return std::make_unique<DirectConnector>();
}

}  // namespace bgm
