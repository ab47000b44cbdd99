// Sends posts to the daemon's posts endpoint and reads its acks.
//
// Asynchronous: many posts may be on their way before the first ack is read, and acks come in any order; they
// are told apart by post_id. A post whose connection was lost may or may not have been stored: send it again,
// a post that is known already is answered `duplicate`. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ops/client/client_socket.hpp"
#include "schemas/codec.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct PostAck {
    enum class Status { accepted, duplicate, rejected, busy };
    std::string post_id;  // empty where the daemon could not read one
    Status status = Status::rejected;
    std::uint32_t revision = 0;
    std::string error_code;  // rejected, or busy where it says so: why, and which field
    std::string error_field;
    std::string error_message;
    std::uint32_t retry_after_ms = 0;  // busy: send it again after this
};

/// "ACCEPTED", as on the wire.
std::string_view name(PostAck::Status status);

class PostsClient {
 public:
    /// Waits until the daemon's socket answers: `unavailable` after the deadline, with what to check.
    static Result<PostsClient> connect(const std::string& endpoint, std::chrono::milliseconds deadline);

    /// `post` is one encoded post in that format. Returns at once; `resource_exhausted` where too much is
    /// queued.
    Status send(WireFormat format, std::string_view post, std::span<const std::string> media = {});

    /// The next ack, nothing where none has come after `wait`. `corrupt` for an answer that is no ack.
    Result<std::optional<PostAck>> receive(std::chrono::milliseconds wait);

    /// Grows each time the connection breaks: what is unacknowledged then has to be sent again.
    std::uint64_t connections_lost() { return socket_.connections_lost(); }

    ClientSocket& socket() { return socket_; }

 private:
    explicit PostsClient(ClientSocket socket) : socket_(std::move(socket)) {}
    ClientSocket socket_;
};

/// The ack in these frames, which are what follows the routing envelope (an empty first frame is passed
/// over).
Result<PostAck> decode_ack(std::span<const std::string> frames);

}  // namespace bgm
