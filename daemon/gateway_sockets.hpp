// Where the gateway listens for bgmd, below runtime_dir: ipc sockets of mode 0600. It calls nobody.
#pragma once

namespace bgm {

inline constexpr const char* kGatewayPostsSocket = "gateway-posts.sock";    // DEALER, for the posts' ROUTER
inline constexpr const char* kGatewayEventsSocket = "gateway-events.sock";  // SUB, for the events' PUB
inline constexpr const char* kGatewayDoorSocket = "gateway-door.sock";      // DEALER, for the door's ROUTER

}  // namespace bgm
