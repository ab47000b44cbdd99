// Where the gateway listens for bgmd, below runtime_dir: ipc sockets of mode 0600. It calls nobody.
#pragma once

#include <cstddef>

namespace bgm {

inline constexpr const char* kGatewayPostsSocket = "gateway-posts.sock";    // DEALER, for the posts' ROUTER
inline constexpr const char* kGatewayEventsSocket = "gateway-events.sock";  // SUB, for the events' PUB
inline constexpr const char* kGatewayDoorSocket = "gateway-door.sock";      // DEALER, for the door's ROUTER

// ZeroMQ ends the connection of whoever sends more, for good: the gateway refuses it before.
inline constexpr std::size_t kDoorRequestBytesMax = 1 << 20;

}  // namespace bgm
