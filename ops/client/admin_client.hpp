// Questions and orders to the daemon's admin socket: one JSON object there, one back.
//
//   -> "BGM1/admin" {"op": "status", ...}
//   <- "BGM1/admin" {"ok": true, "result": {...}} or {"ok": false, "error": {"code", "field", "message"}}
//
// The socket is a file that only the daemon's user may open. Not thread-safe.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "ops/client/client_socket.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

/// What the daemon knows about one post.
struct PostStanding {
    std::string state;  // accepted, analysing, picked, delivered, dead; "unknown" where there is no such post
    std::uint32_t revision = 0;
    std::optional<v1::Pick> pick;
    std::optional<v1::DeadLetter> dead;
};

class AdminClient {
 public:
    /// A deadline of zero does not wait for the connection: requests are queued until it stands.
    static Result<AdminClient> connect(const std::string& endpoint, std::chrono::milliseconds deadline);

    /// Asks and waits for the result; the daemon's refusal comes back as its own error.
    Result<nlohmann::json> request(const nlohmann::json& question, std::chrono::milliseconds deadline);

    /// The two halves of request(), for whoever has other sockets to watch. Answers come in the order of the
    /// questions.
    Status ask(const nlohmann::json& question);
    Result<std::optional<nlohmann::json>> answer();

    ClientSocket& socket() { return socket_; }

 private:
    explicit AdminClient(ClientSocket socket, std::string endpoint)
        : socket_(std::move(socket)), endpoint_(std::move(endpoint)) {}
    ClientSocket socket_;
    std::string endpoint_;
};

nlohmann::json pick_question(const std::string& tenant, const std::string& post_id);
Result<PostStanding> read_standing(const nlohmann::json& result);

}  // namespace bgm
