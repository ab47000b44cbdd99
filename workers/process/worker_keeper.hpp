// Keeps a worker for a bgmd on another host: starts it, starts it again where it ends, and carries between
// the two.
//
// The keeper has the key and the connection, and decodes nothing. The worker decodes what strangers send, and
// has neither: it talks to the keeper over a socket of this host, confined as if bgmd had started it. So
// nobody who takes a worker over gets the key, and a connection that breaks costs no worker its models.
//
//     bgmd <== CURVE ==> keeper <-- ipc --> worker
//
// Besides, the keeper tells bgmd when a task has arrived with all of its media (Received), and when the
// worker has died or is about to leave (Goodbye); bgmd tells it to kill a worker whose lease is over (End).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "schemas/result.hpp"
#include "workers/process/keeper_link.hpp"

namespace bgm {

struct KeeperOptions {
    KeeperLink::Options link;
    std::vector<std::string> command;  // of the worker; --endpoint and --parent are added
    std::chrono::milliseconds silent{
        10'000};  // a worker that has spoken, and then not for so long, is killed
};

/// Until SIGTERM or SIGINT: then bgmd sends nothing more, the worker finishes what it has, and this returns.
/// Fails where a key is none, or the worker cannot be started at all.
Status keep_worker(const KeeperOptions& options);

/// The command line of a worker's program without the options that are its keeper's: --connect, --server-key,
/// --key.
std::vector<std::string> worker_part(std::vector<std::string> arguments);

}  // namespace bgm
