// "host:port", and lists of it, as keys of the configuration name servers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct HostPort {
    std::string host;  // without the brackets of an IPv6 address
    std::uint16_t port = 0;

    bool operator==(const HostPort&) const = default;
    std::string text() const;
};

std::optional<HostPort> read_host_port(std::string_view text);

/// Separated by spaces. `invalid_argument` names the word that is none; its field is left to the caller.
Result<std::vector<HostPort>> read_host_ports(std::string_view list);

}  // namespace bgm
