// What no longer counts of the shared queues' messages, as MySQL notes it (store/message_notes.hpp): on a
// thread with a connection of its own. Neither question is given up: while MySQL is away they wait.
//
// Belongs to the loop's thread; what it is given is called there, and not after the end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/store/connection.hpp"
#include "daemon/store/message_notes.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class Revocations {
 public:
    using OnFound = std::function<void(const std::set<std::string>& ineffective)>;

    Revocations(MySqlOptions mysql, EventLoop& loop);
    ~Revocations();
    Revocations(const Revocations&) = delete;
    Revocations& operator=(const Revocations&) = delete;

    /// `done` once no host will write it any more, but with others that it has joined already.
    void revoke(std::string message, std::function<void()> done);
    /// Which of them have had their effect, or must have none.
    void find(std::vector<PostMessage> messages, OnFound done);

 private:
    struct Questions {
        std::vector<std::string> revoked;
        std::vector<std::function<void()>> on_revoked;
        std::vector<PostMessage> looked_for;
        std::vector<OnFound> on_found;
        bool empty() const { return revoked.empty() && looked_for.empty(); }
    };

    void run(const std::stop_token& stop);
    Status answer(MySqlConnection& connection, Questions& questions);

    const MySqlOptions mysql_;
    EventLoop& loop_;
    Mutex mutex_;
    std::condition_variable_any arrived_;
    Questions questions_ BGM_GUARDED_BY(mutex_);
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
