#include "schemas/host_port.hpp"

#include <sstream>

#include "schemas/ascii.hpp"
#include "schemas/one_line.hpp"

namespace bgm {

std::string HostPort::text() const {
    const bool bare = host.find(':') == std::string::npos;
    return (bare ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<HostPort> read_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = number_from<std::uint16_t>(text.substr(colon + 1));
    if (host.empty() || port.value_or(0) == 0) return std::nullopt;
    return HostPort{.host = std::string(host), .port = *port};
}

Result<std::vector<HostPort>> read_host_ports(std::string_view list) {
    std::vector<HostPort> all;
    std::istringstream words{std::string(list)};
    for (std::string word; words >> word;) {
        auto one = read_host_port(word);
        if (!one)
            return Error{ErrorCode::invalid_argument,
                         "'" + one_line(word, 100) + "' is not of the form host:port", ""};
        all.push_back(*std::move(one));
    }
    return all;
}

}  // namespace bgm
