// Which models serve, the heads that read them, and how they are exchanged while posts go on.
//
// A swap never touches what serves until the new models have proved themselves: candidates are started beside
// the workers (Supervisor), and each says Hello only once everything is loaded and its heads are good.
//
//     idle --swap--> loading --every candidate said Hello--> candidates get the tasks, the others retire
//                      '-- one ends, is refused or is late --> candidates are ended, nothing has changed
//
// A worker that retires answers the tasks that it has, and each answer is read by the heads of the worker
// that gave it, so a post may be made of both generations and nothing is lost. One swap at a time. What was
// swapped to is forgotten with the process: bgmd.toml decides at the next start. Belongs to the loop's
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/config.hpp"
#include "daemon/fleet/head_set.hpp"
#include "daemon/fleet/supervisor.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// What is to be other than it is; nothing set: the same folders, read again.
struct ModelChange {
    std::optional<std::string> dir{};
    std::optional<std::string> image{};
    std::optional<std::string> text{};
    std::optional<std::string> audio{};
    std::optional<std::string> caption{};
    std::optional<std::string> prompts_dir{};
    std::optional<std::string> heads_dir{};
};

class ServingModels {
 public:
    /// The workers that serve now.
    using OnSwapped = std::function<void(Result<std::vector<std::string>>)>;

    /// `models`: as configured, with every path filled in. Fails where a folder or a head is missing.
    static Result<std::unique_ptr<ServingModels>> open(const Config& config, EventLoop& loop,
                                                       WorkerPool& pool, Metrics& metrics);

    /// Before anything else is called.
    void set_supervisor(Supervisor& supervisor) { supervisor_ = &supervisor; }

    /// What the pool asks for every Hello.
    Result<WorkerPool::Admission> admit(const v1::Hello& hello);
    /// What the supervisor reports.
    void worker_ended(const Supervisor::Child& child);

    /// `done` is called once, later. Errors: `invalid_argument` for a change that the preset does not know or
    /// that no worker of ours needs, `not_found` for a folder, `unavailable` while another swap is under way,
    /// `deadline_exceeded` after models.load_timeout_ms, and `corrupt` with a worker's last words where it
    /// could not load.
    void swap(const ModelChange& change, OnSwapped done);

    struct ServedHead {
        std::shared_ptr<const HeadSet> of;  // keeps it alive
        const LinearHead* head = nullptr;
        bool taught = false;
        std::size_t earlier = 0;  // taught ones behind it, to go back to
    };
    /// The heads that read what workers answer, by model.
    std::map<std::string, ServedHead> heads() const;
    /// Puts a head in service from the next answer on, and keeps it across restarts. `not_found` where no
    /// worker answers with its model, `invalid_argument` where it reads embeddings of another width or
    /// modality, `unavailable` during a swap, `unsupported` while other heads than the configured ones serve.
    Status teach(std::string_view head_file);
    /// The head before takes its place: an earlier taught one, or the one that ships. `not_found` where it
    /// was not taught; else as teach().
    Status undo_teaching(std::string_view model);

    const Config::Models& current() const { return current_; }
    bool swapping() const { return swap_.has_value(); }

 private:
    struct Swap {
        Config::Models models;
        HeadSet heads;
        std::set<std::string> loading;  // candidates that have not said Hello
        std::set<std::string> candidates;
        EventLoop::Clock::time_point deadline;
        OnSwapped done;
    };

    ServingModels(const Config& config, EventLoop& loop, WorkerPool& pool, Metrics& metrics, HeadSet heads);

    Result<Config::Models> changed(const ModelChange& change, std::vector<Modality>& modalities) const;
    void candidate_ready(const std::string& name);
    void complete();
    void fail(Error error);
    void check_deadline();
    Status may_teach() const;
    Status serve_taught();

    const Config& config_;
    EventLoop& loop_;
    WorkerPool& pool_;
    Metrics& metrics_;
    Supervisor* supervisor_ = nullptr;
    Config::Models current_;
    HeadSet heads_;
    std::optional<Swap> swap_;
};

/// The supervisor of these workers, and each of the three told of the other two. It borrows them and goes
/// before them.
std::unique_ptr<Supervisor> supervise(const Config& config, EventLoop& loop, WorkerPool& pool,
                                      ServingModels& models, Metrics& metrics);

}  // namespace bgm
