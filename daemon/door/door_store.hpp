// The door's thread, with a connection of its own where there is MySQL: what would hold up the loop.
//
// Once a second it looks whether the keys have changed; a catalogue that takes long to load, or a batch of
// picks, does not hold that up, so that a revoked key is refused within seconds. While MySQL is away it
// tries again each second, and what is asked meanwhile fails. Every callback runs on the loop's thread.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/question_queue.hpp"
#include "daemon/config.hpp"
#include "daemon/door/key_ring.hpp"
#include "daemon/store/event_table.hpp"
#include "schemas/api_key.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class DoorStore {
 public:
    using OnKeys = std::function<void(std::vector<ApiKey>)>;

    DoorStore(const Config& config, EventLoop& loop, OnKeys on_keys);
    ~DoorStore();
    DoorStore(const DoorStore&) = delete;
    DoorStore& operator=(const DoorStore&) = delete;

    /// Empty without MySQL.
    KeyHome key_home();
    /// Runs it on the thread.
    void aside(std::function<void()> work);
    // The others need MySQL.
    void insert(std::vector<v1::Feedback> feedback, std::function<void(Result<std::uint64_t>)> done);
    void events(std::string tenant, std::uint64_t after, std::size_t limit,
                std::function<void(Result<EventPage>)> done);
    /// Runs it on the thread, with its connection.
    void ask(std::function<void(MySqlConnection&)> question);

 private:
    struct Tables;

    void run(const std::stop_token& stop);
    void refresh_keys(Tables& tables);

    const Config& config_;
    EventLoop& loop_;
    const OnKeys on_keys_;
    std::string keys_version_;  // the thread's own
    int failures_ = 0;          // the same: looks at the keys that failed, in a row
    QuestionQueue<Tables&> questions_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
