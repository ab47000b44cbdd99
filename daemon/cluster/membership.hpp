// This bgmd among those that share its queue: it says each second that it is there, and hears who else is.
//
// A thread of its own with a connection of its own: what is slow in MySQL does not make the host look dead.
//
//     there   | beats, looks at the others, and withdraws what those announced that are not seen any more
//             | (host_table.hpp)
//     away    | MySQL does not answer: whoever was there is taken to be there still, here and on every host;
//             | when it is back the others have a while to be seen again
//
// What cannot go together is refused: a clock more than two seconds from MySQL's, and another number of
// partitions than the other hosts have. open() says so, or on_refused() where MySQL was away then. All
// functions but open()'s belong to the loop's thread, as all hooks do that say nothing else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/cluster/host_status.hpp"
#include "daemon/store/host_table.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

namespace bgm {

class Membership {
 public:
    struct Options {
        MySqlOptions mysql;
        bool migrate = true;  // makes the tables where they are missing
        HostRun run;          // this one
        int partitions = 0;
        std::chrono::milliseconds period{1'000};
    };
    struct Hooks {
        /// Those that are there, this one too, by name: at first, and whenever others come, go or drain.
        std::function<void(std::vector<HostRow>)> on_hosts;
        std::function<void(Error)> on_refused;
        /// What the others are told: a JSON object of kHostStatusBytesMax at most.
        std::function<std::string()> status;
        /// Any thread: see HostBeat.
        std::function<std::uint64_t()> announced_over;
    };

    /// `invalid_argument` with the field at fault where this host does not go with the others.
    static Result<std::unique_ptr<Membership>> open(Options options, EventLoop& loop, Hooks hooks);
    /// The others hear at once that it is gone, where MySQL answers.
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// It takes nothing new: its share goes to the others.
    void drain();
    /// All that MySQL knows of, those too that are not there, as of the last look.
    HostsSeen seen() const;

 private:
    using Clock = std::chrono::steady_clock;

    Membership(Options options, EventLoop& loop, Hooks hooks);

    void run(const std::stop_token& stop);
    Status prepare();
    Status beat();
    Status withdraw_lost(const std::vector<HostRow>& hosts);
    void look(std::vector<HostRow> hosts);

    const Options options_;
    EventLoop& loop_;
    const Hooks hooks_;

    // The loop's.
    std::vector<HostRow> hosts_;
    Clock::time_point hosts_at_ = Clock::now();
    std::string error_;  // of the last look; empty: it succeeded

    // The thread's.
    MySqlConnection connection_;
    HostTable table_{connection_};
    bool prepared_ = false;
    bool failing_ = false;
    Clock::time_point looked_{};
    Clock::time_point well_since_{};
    std::vector<HostRow> there_;

    Mutex mutex_;
    std::condition_variable_any changed_;
    std::string status_ BGM_GUARDED_BY(mutex_) = "{}";
    bool draining_ BGM_GUARDED_BY(mutex_) = false;
    bool beat_now_ BGM_GUARDED_BY(mutex_) = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
