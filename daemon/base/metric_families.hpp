// Every series that bgmd publishes: its name, its help text, the labels that come from a closed set, and the
// buckets.
//
// A name stands here and nowhere else; metrics.cpp counts.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace bgm {

struct MetricFamilies {
    template <typename Metric>
    using Family = prometheus::Family<Metric>;
    using Counter = prometheus::Counter;
    using Gauge = prometheus::Gauge;
    using Histogram = prometheus::Histogram;

    static constexpr std::array<std::string_view, 3> kSources{"posts", "firehose", "gateway"};
    static constexpr std::array<std::string_view, 4> kOutcomes{"accepted", "rejected", "duplicate", "busy"};
    static constexpr std::array<std::string_view, 2> kForgetReasons{"age", "room"};
    static constexpr std::array<std::string_view, 2> kDeathStages{"analyse", "deliver"};
    static constexpr std::array<std::string_view, 7> kWorkerEnds{"exit",   "signal",   "sandbox", "cpu",
                                                                 "silent", "deadline", "lies"};
    static constexpr std::array<std::string_view, 3> kRemoteRefusals{"handshake", "key", "name"};
    static constexpr std::array<std::string_view, 6> kStageNames{"intake", "journal", "analyse",
                                                                 "fuse",   "deliver", "total"};

    // In the order of FetchRefusal, behind its `none`.
    static constexpr std::array<std::string_view, 5> kRefusals{"url", "host", "address", "redirects",
                                                               "signature"};

    // Seconds: from a tenth of a millisecond (one text) to a minute (a long video, a backlog).
    static inline const Histogram::BucketBoundaries kSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                             0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                             1,      2.5,     5,      10,    30,     60};
    // What must not be long.
    static inline const Histogram::BucketBoundaries kTurnSeconds{0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                                 0.02,   0.05,   0.1,   0.25,   1};
    static inline const Histogram::BucketBoundaries kSizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

    prometheus::Registry registry;

    Family<Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    Family<Gauge>& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    Family<Histogram>& histogram(const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    Family<Counter>& posts = counter("bgmd_posts_total", "Posts received, by endpoint and answer.");
    Family<Counter>& rejections = counter("bgmd_rejected_posts_total", "Posts rejected, by error code.");
    Family<Histogram>& stages = histogram("bgmd_stage_seconds", "Time spent in each stage of a post's life.");
    Family<Histogram>& turns = histogram(
        "bgmd_loop_turn_seconds", "Turns of the event loop: that long intake and everything else waited.");
    Family<Gauge>& longest_turn =
        gauge("bgmd_loop_longest_turn_seconds", "The longest of these turns in this minute and the last.");
    Family<Histogram>& commits =
        histogram("bgmd_journal_commit_operations", "Operations that shared one fsync.");
    Family<Gauge>& journal_posts = gauge("bgmd_journal_posts", "Posts in the journal, by state.");
    Family<Gauge>& journal = gauge("bgmd_journal_bytes", "Size of the journal file.");
    Family<Gauge>& journal_used =
        gauge("bgmd_journal_used_bytes", "Bytes of the journal file that are not free to be used again.");
    Family<Gauge>& oldest_delivered = gauge("bgmd_journal_oldest_delivered_seconds",
                                            "Age of the oldest delivered post that is remembered.");
    Family<Counter>& forgotten =
        counter("bgmd_journal_forgotten_posts_total", "Delivered posts that were forgotten, by reason.");
    Family<Gauge>& oldest =
        gauge("bgmd_journal_oldest_unfinished_seconds", "Age of the oldest post that is not delivered.");
    Family<Gauge>& journal_queue =
        gauge("bgmd_journal_queue_operations", "Operations that wait for the next commit.");
    Family<Gauge>& journal_writable = gauge("bgmd_journal_writable", "1 while commits succeed.");
    Family<Counter>& tasks = counter("bgmd_tasks_total", "Tasks answered, by modality and outcome.");
    Family<Histogram>& task_queue =
        histogram("bgmd_task_queue_seconds", "Time that a task waited inside its worker.");
    Family<Histogram>& task_encode =
        histogram("bgmd_task_encode_seconds", "Time that a task took in its worker.");
    Family<Histogram>& batches = histogram("bgmd_batch_tasks", "Tasks that a worker encoded together.");
    Family<Gauge>& tasks_waiting = gauge("bgmd_tasks_waiting", "Tasks that wait for a worker.");
    Family<Gauge>& tasks_in_flight = gauge("bgmd_tasks_in_flight", "Tasks that are with a worker.");
    Family<Gauge>& analysing = gauge("bgmd_posts_in_analysis", "Posts in the window of the dispatcher.");
    Family<Counter>& fetches = counter("bgmd_fetches_total", "Media fetched by URL, by outcome.");
    Family<Counter>& fetch_refusals =
        counter("bgmd_fetch_refusals_total", "Fetches that a guard refused, by the guard.");
    Family<Counter>& fetched_bytes =
        counter("bgmd_fetched_bytes_total", "Bytes of media received by URL, also of those broken off.");
    Family<Counter>& fetch_retries =
        counter("bgmd_fetch_retries_total", "Requests that were made again, since the failure may heal.");
    Family<Counter>& fetch_connections =
        counter("bgmd_fetch_connections_total", "Connections to media servers, opened and reused.");
    Family<Histogram>& fetch_seconds =
        histogram("bgmd_fetch_seconds", "Time from the request of a file by URL to its end.");
    Family<Gauge>& fetches_running = gauge("bgmd_fetches_running", "Files whose transfer is under way.");
    Family<Gauge>& fetches_waiting =
        gauge("bgmd_fetches_waiting", "Files that wait for a name, a turn or another try.");
    Family<Gauge>& fetch_memory =
        gauge("bgmd_fetch_memory_bytes", "Memory held by fetched media until it has been analysed.");
    Family<Gauge>& shared_media_available =
        gauge("bgmd_shared_media_available",
              "1 while the folder for large media of a shared queue can be written.");
    Family<Gauge>& shared_media_held =
        gauge("bgmd_shared_media_bytes", "Bytes in that folder, of all hosts.");
    Family<Counter>& shared_media_files =
        counter("bgmd_shared_media_files_total", "Files of that folder, by what this host did with them.");
    Family<Counter>& picks = counter("bgmd_picks_total", "Posts that got a mood, by mood.");
    Family<Counter>& ambiguous =
        counter("bgmd_ambiguous_picks_total", "Picks whose evidence did not decide.");
    Family<Counter>& degraded =
        counter("bgmd_degraded_total", "Assets or texts that could not be used, by modality and code.");
    Family<Counter>& dead =
        counter("bgmd_dead_posts_total", "Posts that became dead letters, by stage and code.");
    Family<Counter>& worker_ends =
        counter("bgmd_worker_ends_total", "Worker processes that ended, by modality and reason.");
    Family<Gauge>& workers = gauge("bgmd_workers", "Worker processes, by modality: ready and configured.");
    Family<Counter>& refused_remotes = counter(
        "bgmd_remote_worker_refusals_total",
        "What came to the port for workers on other hosts and was refused, by what was wrong with it.");
    Family<Gauge>& remote_connections =
        gauge("bgmd_remote_worker_connections", "Connections to the port for workers on other hosts.");
    Family<Gauge>& worker_memory =
        gauge("bgmd_worker_resident_memory_bytes", "Resident memory of each worker.");
    Family<Gauge>& model_info =
        gauge("bgmd_model_info", "1 for each model that answers, with its version, by modality.");
    Family<Counter>& model_swaps =
        counter("bgmd_model_swaps_total", "Exchanges of models while running, by outcome.");
    Family<Counter>& cache_lookups =
        counter("bgmd_embedding_cache_lookups_total",
                "Contents that a worker looked for among its remembered embeddings, by outcome.");
    Family<Histogram>& deliveries =
        histogram("bgmd_delivery_posts", "Posts written by one MySQL transaction.");
    Family<Counter>& mysql_errors =
        counter("bgmd_mysql_errors_total", "Failed MySQL transactions, by error code.");
    Family<Gauge>& mysql_up = gauge("bgmd_mysql_up", "1 while the last MySQL operation succeeded.");
    Family<Counter>& replica_reads = counter(
        "bgmd_replica_reads_total", "Reads that may be a little old, by what a replica was good for.");
    Family<Gauge>& replica_fresh =
        gauge("bgmd_replica_fresh", "1 while a replica of MySQL may be read from.");
    Family<Gauge>& replica_behind = gauge(
        "bgmd_replica_behind_seconds",
        "What was committed longer ago is certain to be in the replica; since the start, where nothing is.");
    Family<Gauge>& delivery_queue =
        gauge("bgmd_delivery_queue_posts", "Picks in memory that wait for MySQL.");
    Family<Counter>& events = counter("bgmd_events_total", "Events published.");
    Family<Gauge>& stuck_queues = gauge(
        "bgmd_stuck_queues", "Queues of this host's partitions that confirm nothing, or hand out nothing.");
    Family<Counter>& queue_stalls =
        counter("bgmd_queue_stalls_total",
                "Times that a queue handed out nothing that lay in it, and another broker was tried.");
    Family<Gauge>& tracks = gauge("bgmd_catalogue_tracks", "Tracks in the catalogue.");
    Family<Gauge>& analyses =
        gauge("bgmd_catalogue_analyses", "Tracks of the catalogue that were listened to, by use.");
    Family<Counter>& taste_lookups =
        counter("bgmd_taste_lookups_total", "Posts for which a user's taste was asked for, by outcome.");
    Family<Counter>& learnt =
        counter("bgmd_feedback_learnt_total", "Feedback that was looked at for taste, by outcome.");
    Family<Gauge>& memory = gauge("bgmd_resident_memory_bytes", "Resident memory of bgmd itself.");
};

}  // namespace bgm
