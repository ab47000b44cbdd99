// The configuration's [mysql] table as the options of a connection.
#pragma once

#include "daemon/config.hpp"
#include "daemon/store/connection.hpp"

namespace bgm {

inline MySqlOptions mysql_options(const Config& config) {
    MySqlOptions options;
    options.socket = config.mysql.socket;
    if (!config.mysql.host.empty()) options.host = config.mysql.host;
    options.port = static_cast<std::uint16_t>(config.mysql.port);
    // Those of a configuration that was checked.
    options.endpoints = read_host_ports(config.mysql.endpoints).value();
    options.user = config.mysql.user;
    options.password = config.mysql.password;
    options.database = config.mysql.database;
    options.tls_ca_file = config.mysql.tls_ca_file;
    options.read_timeout_ms = options.write_timeout_ms =
        static_cast<std::uint32_t>(config.mysql.answer_timeout_ms);
    return options;
}

/// The replicas, with the account and the database of the primary. A read that takes long is asked again
/// there, so they are not waited for as it is.
inline std::vector<MySqlOptions> replica_options(const MySqlOptions& primary, const std::string& replicas) {
    std::vector<MySqlOptions> all;
    const auto places = read_host_ports(replicas).value();  // those of a configuration that was checked
    for (const HostPort& place : places) {
        MySqlOptions& options = all.emplace_back(primary);
        options.socket.clear();
        options.endpoints.clear();
        options.host = place.host;
        options.port = place.port;
        options.connect_timeout_ms = 1'000;
        options.read_timeout_ms = options.write_timeout_ms = 2'000;
    }
    return all;
}

}  // namespace bgm
