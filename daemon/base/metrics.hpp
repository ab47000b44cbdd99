// Everything that bgmd measures. All metric names, help texts and labels stand in metric_families.hpp and
// nowhere else.
//
// Thread-safe. Labels are bounded: stages, modalities, states, error codes and moods come from closed sets,
// worker names from the configuration, with the number of their generation, and from at most 256 workers that
// are connected; models from the workers that are connected.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/base/readings.hpp"
#include "fusion/mood/mood.hpp"
#include "schemas/modality.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Where a post's time goes.
enum class Stage {
    intake,   // from the socket to the journal's queue
    journal,  // one group commit
    analyse,  // from the first task to the last answer
    fuse,     // heads, opinion pool and matching
    deliver,  // one MySQL transaction
    total     // from the ack to the event
};

class Metrics {
 public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// `source`: posts, firehose or gateway. `outcome`: accepted, duplicate, rejected, busy.
    void count_post(std::string_view source, std::string_view outcome);
    void count_rejection(std::string_view code);
    void observe_stage(Stage stage, double seconds);
    void observe_commit(std::size_t operations);
    /// The loop's thread: one turn of the event loop.
    void observe_loop_turn(double seconds);
    void set_journal(const JournalCounts& counts, std::size_t queued, bool writable);
    /// Delivered posts that are not remembered any more. `reason`: age or room.
    void count_forgotten(std::string_view reason, std::int64_t posts);

    /// `outcome`: ok or an error code.
    void count_task(Modality modality, std::string_view outcome);
    void observe_task(Modality modality, double queue_seconds, double encode_seconds, std::size_t batch_size);
    void set_tasks(Modality modality, std::size_t waiting, std::size_t in_flight);
    void set_posts_in_analysis(std::size_t count);

    /// One fetch is over.
    void observe_fetch(const FetchReport& report);
    void set_fetches(const FetchCounts& counts);

    /// The loop's thread. The counts only grow.
    void set_shared_media(const SharedMediaCounts& counts);

    void count_pick(Mood mood, bool ambiguous);
    void count_degraded(std::string_view modality, std::string_view code);
    void count_dead(std::string_view stage, std::string_view code);

    /// `reason`: exit (also of a worker that was retired), signal, sandbox, cpu, silent, deadline.
    void count_worker_end(Modality modality, std::string_view reason);
    void set_workers(Modality modality, std::size_t ready, std::size_t configured);
    void set_worker_memory(std::string_view worker, std::uint64_t rss_bytes);
    /// `reason`: handshake (none, or broken), key (not known, taken back or barred), name (another's).
    void count_refused_remote(std::string_view reason, std::uint64_t times = 1);
    void set_remote_connections(std::size_t connections);
    /// A worker of that name will not come again: its series go.
    void forget_worker(std::string_view worker);
    /// The models in use, by modality; replaces the previous set.
    void set_models(const std::set<std::pair<Modality, std::string>>& models);
    void count_cache_lookups(Modality modality, std::uint64_t hits, std::uint64_t misses);
    /// `outcome`: done or failed.
    void count_model_swap(std::string_view outcome);

    void observe_delivery(std::size_t posts);
    void count_delivered();
    void count_mysql_error(ErrorCode code);
    void set_mysql(bool up, std::size_t queued);
    /// `outcome`: as StaleReads says it.
    void count_replica_read(std::string_view outcome);
    void set_replica(std::string_view endpoint, bool fresh, double behind_seconds);
    void count_event();
    /// Of the shared queue: queues that are stuck now, and how often one handed out nothing so far.
    void set_shared_queue(std::size_t stuck, std::uint64_t stalls);
    void set_catalogue(std::size_t tracks, std::string_view version);
    /// `use`: used, other_space (but for the embedding), other_model (not used).
    void count_taste_lookup(std::string_view outcome);
    void count_learnt(std::uint64_t counted, std::uint64_t nothing);
    void set_analyses(std::string_view use, std::size_t tracks);
    void set_memory(std::uint64_t rss_bytes);

    struct Totals {
        std::uint64_t accepted, rejected, duplicate, busy, delivered, dead;
    };
    Totals totals() const;

    /// The Prometheus text format.
    std::string text() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bgm
