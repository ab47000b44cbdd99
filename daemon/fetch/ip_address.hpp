// An IP address, and whether bgmd may connect to it on behalf of a stranger.
//
// Plain values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace bgm {

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four
    bool v6 = false;

    /// "192.0.2.1" or "2001:db8::1" as inet_pton reads them, without brackets or zone; nothing else.
    static std::optional<IpAddress> parse(std::string_view text);
    /// Nothing for a family other than IPv4 and IPv6.
    static std::optional<IpAddress> from(const sockaddr& address);
    std::string text() const;
    bool operator==(const IpAddress&) const = default;
};

/// All addresses with the same first bits.
struct IpRange {
    IpAddress first;
    int bits = 0;

    /// The prefix is not longer than an address, and nothing is set beyond it.
    bool well_formed() const;
    bool contains(const IpAddress& address) const;
};

/// Why nothing may be fetched from this address ("loopback", "private network"); empty for a public one.
/// Follows IANA's special-purpose registries (RFC 6890 and its successors): of IPv6 only global unicast
/// (2000::/3) is public, and of that not what wraps an IPv4 address (6to4, Teredo), because the wrapped one
/// may be anything.
std::string_view refused_range(const IpAddress& address);

/// May an operator say that this range is his own? Only of loopback, private, carriers' shared and unique
/// local space.
bool may_be_opened(const IpRange& range);

}  // namespace bgm
