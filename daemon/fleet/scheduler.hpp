// Which worker gets which task, and whose fault it is when one dies: decisions alone. No socket, no file and
// no thread; the time is handed in, and what is decided goes out through Actions.
//
// Flow is by credit: a worker offers to take so many tasks, each answer gives one credit back, and the rest
// wait here, live ones before backfill. Bytes have a budget of their own. Media is read once there is a
// credit for it, which is held meanwhile, but no longer than a lease of its modality: a disk may hang. A
// worker works in order, so the oldest of its tasks is the one it is busy with, and that one's lease runs. To
// one that says when it has a task (Offer::receipts) the way may be long: the lease begins when it says so.
//
// A task:    waiting -> (being read -> read ->) in flight -> answered
//            back to waiting, in front, where its worker leaves, retires or turns out to be gone
// A suspect: the same, from lines of its own, alone with its worker, one at a time a modality
//
// When a worker dies with several tasks nobody knows which of them it was (the answer to an earlier one may
// have died with it): they are tried again one by one. One that was alone with it is blamed, and is a suspect
// from then on: it is tried again after those that nobody suspects. One that was blamed
// `dispatch.poison_after` times is poison and ends.
//
// Belongs to one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/fleet/deadly_tasks.hpp"
#include "daemon/fleet/task.hpp"

namespace bgm {

class Scheduler {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// What the scheduler decides. Called from within its functions, which must not be called from there.
    class Actions {
     public:
        virtual ~Actions() = default;
        /// False where nothing leads to the worker any more.
        virtual bool send(const std::string& worker, TaskId task, const TaskRequest& request,
                          std::optional<Frame> media) = 0;
        /// Calls `load_media`; media_read() says what came of it.
        virtual void read(const std::string& worker, TaskId task, const TaskRequest& request,
                          bool with_digest) = 0;
        /// No worker will answer it; the scheduler knows it no more.
        virtual void end(TaskId task, Error why) = 0;
        /// SHA-256, to know the same text again.
        virtual std::string digest(const std::string& text) = 0;
    };
    struct Offer {
        std::set<Modality> modalities;
        std::size_t credits = 1;
        std::size_t credit_bytes = 0;
        std::size_t batch_max = 1;
        bool standby = false;   // it gets no task before activate()
        bool receipts = false;  // it says when a task has come to it: received()
    };
    /// The slowest way to a worker that is put up with: what is on it longer than this takes counts as late.
    static constexpr std::size_t kSlowestBytesPerSecond = 64 * 1024;
    struct Counts {
        std::size_t waiting = 0;
        std::size_t in_flight = 0;
    };

    /// `config` may change; all else is copied.
    Scheduler(const Config& config, std::function<Time()> now, Actions& actions);

    void submit(TaskId task, TaskRequest request);
    /// It ends without a word. It may be with a worker, whose answer gives the credit back.
    void cancel(TaskId task) { tasks_.erase(task); }
    void media_read(const std::string& worker, TaskId task, Result<Frame> media, std::string digest);
    /// The worker's answer is there: the credit is given back, and the task is known no more. False where it
    /// does not have it: its lease is over. serve() gives it the next.
    bool answered(const std::string& worker, TaskId task);
    void serve(const std::string& worker);
    /// The task is at the worker with all of its media.
    void received(const std::string& worker, TaskId task);

    /// A worker offers to serve, or offers anew: what it has it keeps.
    void join(const std::string& worker, Offer offer);
    /// It has ended: its tasks go to others. True where one was with it.
    bool leave(const std::string& worker, bool blame);
    /// It has said something, and so is there.
    void heard(const std::string& worker);
    void activate(const std::string& worker);
    /// It gets no further task.
    void retire(const std::string& worker);

    /// Ends the leases that are over: such workers have left when it returns, and are named.
    std::vector<std::string> end_leases();
    /// Ends tasks whose media has been read for as long as a lease lasts. Nothing is held against the worker.
    void end_reads();
    /// Ends what waits for a modality that nobody has served for `dispatch.no_worker_ms`.
    void give_up(const std::function<Error(Modality)>& why);
    /// What is known of media that killed workers is void: somebody may have mended the workers.
    void forgive() { deadly_.forget(); }

    bool serves(const std::string& worker) const;
    /// Nothing led to it when something was sent.
    bool gone(const std::string& worker) const;
    bool retires(const std::string& worker) const;
    /// Workers that take tasks of it.
    std::size_t ready(Modality modality) const;
    /// Tasks that are with a worker or being read for it.
    std::size_t held(const std::string& worker) const;
    std::array<Counts, kModalityCount> counts() const;

 private:
    struct Task {
        TaskRequest request;
        bool alone = false;       // it was with a worker that died: nothing is sent before its answer
        Time suspected{};         // since when it waits as a suspect
        std::string digest = {};  // of its media, where that was asked for

        bool suspect() const { return *request.deaths > 0; }
    };
    struct Sent {
        TaskId task;
        std::size_t bytes;  // of its media
        bool there = true;  // at the worker, and no longer on its way
    };
    struct Worker {
        std::string name;
        Offer offer;
        std::deque<Sent> in_flight;  // in the order of sending
        std::size_t in_flight_bytes = 0;
        TaskId reading = 0;  // the task whose media is read for it; 0: none
        Time reading_since{};
        std::optional<Frame> read;  // that media, which waits until there is room for its bytes
        Time head_since{};          // when the oldest of them became the oldest
        bool retiring = false;
        bool alone = false;  // nothing is sent behind the task that it has
        bool gone = false;  // nothing leads to it: the end of the process, or silence, is about to be noticed
        std::optional<Modality> kept_for;  // gets nothing else until it is empty for a task of this

        bool serves(Modality modality) const { return serves() && offer.modalities.contains(modality); }
        bool serves() const { return !offer.standby && !retiring && !gone; }
        std::size_t held() const { return in_flight.size() + (reading != 0 ? 1 : 0); }
        bool has(TaskId task) const;
    };
    struct Queue {
        std::deque<TaskId> live;
        std::deque<TaskId> backfill;
        std::deque<TaskId> live_suspects;
        std::deque<TaskId> backfill_suspects;
        TaskId suspect_running = 0;  // one at a time: the other workers are for the others
        Time suspect_sent{};
        Time suspects_rest{};  // until then they give way
        int careful = 0;       // so many tasks are sent one by one: a worker has died
        Time served{};         // when a worker of the modality was last there
    };

    void enqueue(TaskId id, Task& task, bool first);
    bool tidy(std::deque<TaskId>& line) const;
    void dispatch(Modality modality);
    void dispatch_suspect(Modality modality);
    void give_suspect_its_turn(Modality modality, std::deque<TaskId>& line, bool others_wait);
    Worker* free_worker(const Task& task, bool alone);
    void assign(Worker& worker, TaskId id, Task& task);
    bool known_as_deadly(TaskId id, Task& task);
    void send_what_was_read(Worker& worker);
    void give_back_what_was_read(Worker& worker);
    void send(Worker& worker, TaskId id, Task& task, std::optional<Frame> media);
    void blame(TaskId id, Task& task);
    void end(TaskId id, Error why);
    void end_as_poison(TaskId id);
    bool poison(const Task& task) const { return *task.request.deaths >= config_.dispatch.poison_after; }
    std::chrono::milliseconds lease(const Worker& worker, TaskId task) const;
    std::chrono::milliseconds lease_of_oldest(const Worker& worker) const;
    Worker* find(const std::string& name);
    const Worker* find(const std::string& name) const;
    Queue& queue(Modality modality) { return queues_.at(static_cast<std::size_t>(modality)); }

    const Config& config_;
    std::function<Time()> now_;
    Actions& actions_;
    std::unordered_map<TaskId, Task> tasks_;
    std::map<std::string, Worker> workers_;
    std::array<Queue, kModalityCount> queues_;
    DeadlyTasks deadly_;
};

}  // namespace bgm
