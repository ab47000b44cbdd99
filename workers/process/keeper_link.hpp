// The two connections of a worker's keeper: to a bgmd on another host, over CURVE, and to the worker, over a
// socket in a folder of its own. What passes is passed on as it came; frames with media are not copied.
//
// Each connection to bgmd has a routing id "NAME/PID/SECRET/NUMBER". The secret is this process's and nobody
// else sees it, so that bgmd knows a later connection for that of the same process; the number grows.
//
// Belongs to one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

class KeeperLink {
 public:
    struct Options {
        std::string name;                           // the worker's
        std::string endpoint;                       // bgmd's workers.listen
        std::string server_key;                     // bgmd's public key, Z85
        std::string secret_key;                     // this host's, Z85
        std::chrono::milliseconds patience{5'000};  // without a connection for so long, people are told
    };

    /// Begins to call bgmd, and goes on by itself. `invalid_argument` where a key or the endpoint is none.
    static Result<std::unique_ptr<KeeperLink>> open(Options options);
    ~KeeperLink();
    KeeperLink(const KeeperLink&) = delete;
    KeeperLink& operator=(const KeeperLink&) = delete;

    /// A new socket for a new worker: its endpoint. What the last one left unread is gone.
    Result<std::string> listen_for_worker();

    /// Waits until something has come, the descriptor is readable, or the time is over.
    void wait(int fd, std::chrono::milliseconds timeout);
    /// Takes in what has become of the connection, and calls anew where it broke. What there is to tell
    /// people, or nothing. That bgmd cannot be reached is told once, until it has been.
    std::optional<std::string> look_after_connection();
    bool connected() const { return connected_; }

    /// bgmd's next message, or nothing where none waits.
    std::optional<v1::ToWorker> from_daemon();
    /// Gives the message of the last from_daemon() to the worker, with its media.
    void pass_to_worker();
    /// Gives bgmd what the worker has said; while there is no connection it is lost, and bgmd asks again.
    /// True where it has said anything.
    bool pass_to_daemon();
    void tell_daemon(const v1::FromWorker& message);

 private:
    struct Parts;
    explicit KeeperLink(Options options);
    Status call();
    std::string why_unreachable() const;

    const Options options_;
    std::unique_ptr<Parts> parts_;
    bool connected_ = false;
};

}  // namespace bgm
