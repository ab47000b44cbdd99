#include "daemon/fetch/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace bgm {
namespace {

struct Range {
    std::string_view prefix;
    int bits;
    std::string_view name;
};

constexpr std::array kRefusedV4{
    Range{"0.0.0.0", 8, "this network"},
    Range{"10.0.0.0", 8, "private network"},
    Range{"100.64.0.0", 10, "shared address space of carriers"},
    Range{"127.0.0.0", 8, "loopback"},
    Range{"169.254.0.0", 16, "link-local"},
    Range{"172.16.0.0", 12, "private network"},
    Range{"192.0.0.0", 24, "protocol assignments"},
    Range{"192.0.2.0", 24, "documentation"},
    Range{"192.31.196.0", 24, "AS112"},
    Range{"192.52.193.0", 24, "AMT"},
    Range{"192.88.99.0", 24, "6to4 relays"},
    Range{"192.168.0.0", 16, "private network"},
    Range{"192.175.48.0", 24, "AS112"},
    Range{"198.18.0.0", 15, "benchmarking"},
    Range{"198.51.100.0", 24, "documentation"},
    Range{"203.0.113.0", 24, "documentation"},
    Range{"224.0.0.0", 4, "multicast"},
    Range{"240.0.0.0", 4, "reserved"},
};

// Within 2000::/3.
constexpr std::array kRefusedV6{
    Range{"2001::", 23, "protocol assignments"},  // Teredo among them
    Range{"2001:db8::", 32, "documentation"},    Range{"2002::", 16, "6to4"},
    Range{"2620:4f:8000::", 48, "AS112"},        Range{"3fff::", 20, "documentation"},
};

// For a clearer message only: everything outside 2000::/3 is refused.
constexpr std::array kNamedV6{
    Range{"::1", 128, "loopback"},          Range{"::", 128, "unspecified"},
    Range{"::ffff:0:0", 96, "IPv4-mapped"}, Range{"64:ff9b::", 96, "IPv4 translation"},
    Range{"fe80::", 10, "link-local"},      Range{"fc00::", 7, "unique local"},
    Range{"ff00::", 8, "multicast"},
};

constexpr std::array kOpenable{
    Range{"10.0.0.0", 8, ""},    Range{"100.64.0.0", 10, ""},  Range{"127.0.0.0", 8, ""},
    Range{"172.16.0.0", 12, ""}, Range{"192.168.0.0", 16, ""}, Range{"::1", 128, ""},
    Range{"fc00::", 7, ""},
};

bool inside(const IpAddress& address, const Range& range) {
    const auto prefix = IpAddress::parse(range.prefix);
    return prefix && IpRange{.first = *prefix, .bits = range.bits}.contains(address);
}

std::string_view first_match(const IpAddress& address, std::span<const Range> ranges) {
    const auto found = std::find_if(ranges.begin(), ranges.end(),
                                    [&](const Range& range) { return inside(address, range); });
    return found != ranges.end() ? found->name : std::string_view();
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    IpAddress address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
    address.v6 = true;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::optional<IpAddress> IpAddress::from(const sockaddr& address) {
    IpAddress ip;
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::memcpy(ip.bytes.data(), &v4.sin_addr, sizeof v4.sin_addr);
        return ip;
    }
    if (address.sa_family != AF_INET6) return std::nullopt;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(ip.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    ip.v6 = true;
    return ip;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), buffer.size());
    return buffer.data();
}

bool IpRange::contains(const IpAddress& address) const {
    if (first.v6 != address.v6) return false;
    const auto whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin())) {
        return false;
    }
    const int rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xFFU << static_cast<unsigned>(8 - rest));
    return (first.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

bool IpRange::well_formed() const {
    const int longest = first.v6 ? 128 : 32;
    if (bits < 0 || bits > longest) return false;
    for (int bit = bits; bit < longest; ++bit) {
        const auto byte = first.bytes[static_cast<std::size_t>(bit / 8)];
        if ((byte >> static_cast<unsigned>(7 - bit % 8) & 1U) != 0) return false;
    }
    return true;
}

bool may_be_opened(const IpRange& range) {
    return std::any_of(kOpenable.begin(), kOpenable.end(), [&](const Range& openable) {
        return range.bits >= openable.bits && inside(range.first, openable);
    });
}

std::string_view refused_range(const IpAddress& address) {
    if (!address.v6) return first_match(address, kRefusedV4);
    if (const auto name = first_match(address, kNamedV6); !name.empty()) return name;
    if ((address.bytes[0] & 0xE0U) != 0x20U) return "not global unicast";
    return first_match(address, kRefusedV6);
}

}  // namespace bgm
