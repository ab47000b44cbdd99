#include "daemon/fetch/own_networks.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace bgm {
namespace {

template <typename Number>
bool read_whole(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<OwnNetworks> OwnNetworks::parse(std::string_view networks) {
    OwnNetworks own;
    constexpr std::string_view kBetween = " ,\t\r\n";
    while (!networks.empty()) {
        const std::size_t begin = std::min(networks.find_first_not_of(kBetween), networks.size());
        const std::size_t end = std::min(networks.find_first_of(kBetween, begin), networks.size());
        const std::string_view word = networks.substr(begin, end - begin);
        networks.remove_prefix(end);
        if (word.empty()) continue;
        const auto refuse = [&](const std::string& why) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "'" + std::string(word) + "' " + why};
        };
        const std::size_t slash = word.find('/');
        const std::size_t colon = slash == std::string_view::npos ? slash : word.find(':', slash);
        const auto address = IpAddress::parse(word.substr(0, slash));
        Network network;
        if (!address || slash == std::string_view::npos ||
            !read_whole(word.substr(slash + 1, colon - slash - 1), network.range.bits) ||
            (colon != std::string_view::npos &&
             (!read_whole(word.substr(colon + 1), network.port) || network.port == 0))) {
            return refuse("is no network (10.1.0.0/16, 10.1.2.3/32:9000, fd00:1::/32)");
        }
        network.range.first = *address;
        if (!network.range.well_formed()) return refuse("has bits beyond its prefix, or too long a prefix");
        if (!may_be_opened(network.range))
            return refuse("does not lie within loopback, private, carriers' shared or unique local space");
        own.networks_.push_back(network);
    }
    return own;
}

bool OwnNetworks::contain(const IpAddress& address, std::uint16_t port, bool usual) const {
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
        return (network.port == 0 ? usual : network.port == port) && network.range.contains(address);
    });
}

bool OwnNetworks::name_port(std::uint16_t port) const {
    return std::any_of(networks_.begin(), networks_.end(),
                       [&](const Network& network) { return network.port == port; });
}

}  // namespace bgm
