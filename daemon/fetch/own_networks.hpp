// Networks of the operator's own, not public, in which media servers may stand: an object store, a test's
// server. Nothing is among them unless the configuration says so.
//
// Pure and immutable; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/fetch/ip_address.hpp"
#include "schemas/result.hpp"

namespace bgm {

class OwnNetworks {
 public:
    /// `networks`: separated by spaces or commas, each ADDRESS/BITS or ADDRESS/BITS:PORT; without a port 80
    /// and 443 are meant, with one that one alone. Only what lies within loopback, private, carriers' shared
    /// and unique local space can be opened: no link-local address (a cloud's metadata), and never everything
    /// at once. `invalid_argument` names the network.
    static Result<OwnNetworks> parse(std::string_view networks);

    /// Is this address of ours at this port? `usual`: the port is the one of the URL's scheme.
    bool contain(const IpAddress& address, std::uint16_t port, bool usual) const;
    /// Is any network's port this one?
    bool name_port(std::uint16_t port) const;

 private:
    struct Network {
        IpRange range;
        std::uint16_t port = 0;  // 0: the usual ones
    };

    std::vector<Network> networks_;
};

}  // namespace bgm
