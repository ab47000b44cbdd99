// Sockets that listen, made before the process gives up the right to make any.
#pragma once

#include <cstdint>
#include <string>

#include "schemas/result.hpp"

namespace bgm {

struct ListeningSocket {
    int fd = -1;
    std::string address;  // "127.0.0.1:8080", the port filled in
};

/// "host:port" or "[address]:port"; port 0: any that is free. Does not block.
Result<ListeningSocket> listen_on(const std::string& host_and_port);

/// While there are too many connections: the kernel does not see who calls, as if the port were not there,
/// and those who call go on trying. False where it cannot be done.
bool turn_away(int fd, bool away);

/// A Unix socket of mode 0600, in place of what an earlier process left there.
Result<int> listen_on_path(const std::string& path);

}  // namespace bgm
