#include "daemon/base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>

#include "schemas/mutex.hpp"

namespace bgm {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 3> kSources{"posts", "firehose", "gateway"};
constexpr std::array<std::string_view, 4> kOutcomes{"accepted", "rejected", "duplicate", "busy"};
constexpr std::array<std::string_view, 2> kForgetReasons{"age", "room"};
constexpr std::array<std::string_view, 2> kDeathStages{"analyse", "deliver"};
constexpr std::array<std::string_view, 7> kWorkerEnds{"exit",   "signal",   "sandbox", "cpu",
                                                      "silent", "deadline", "lies"};
constexpr std::array<std::string_view, 6> kStageNames{"intake", "journal", "analyse",
                                                      "fuse",   "deliver", "total"};

// In the order of FetchRefusal, behind its `none`.
constexpr std::array<std::string_view, 5> kRefusals{"url", "host", "address", "redirects", "signature"};

// Seconds: from a tenth of a millisecond (one text) to a minute (a long video, a backlog).
const Histogram::BucketBoundaries kSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
// What must not be long.
const Histogram::BucketBoundaries kTurnSeconds{0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                               0.02,   0.05,   0.1,   0.25,   1};
const Histogram::BucketBoundaries kSizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

std::string text_of(std::string_view view) {
    return std::string(view);
}

// Made when it is first needed, and found without a lock from then on. Two threads that make it at once are
// given the same.
template <typename Metric, typename Make>
Metric& once(std::atomic<Metric*>& place, Make make) {
    Metric* found = place;
    if (found == nullptr) place = found = &make();
    return *found;
}

}  // namespace

struct Metrics::Impl {
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
    Family<Gauge>& delivery_queue =
        gauge("bgmd_delivery_queue_posts", "Picks in memory that wait for MySQL.");
    Family<Counter>& events = counter("bgmd_events_total", "Events published.");
    Family<Gauge>& tracks = gauge("bgmd_catalogue_tracks", "Tracks in the catalogue.");
    Family<Gauge>& memory = gauge("bgmd_resident_memory_bytes", "Resident memory of bgmd itself.");

    // What every post touches is looked up once.
    std::array<std::array<Counter*, kOutcomes.size()>, kSources.size()> received{};
    std::array<Counter*, kForgetReasons.size()> forgotten_posts{};
    std::array<Histogram*, kStageNames.size()> stage{};
    std::array<Histogram*, kModalityCount> queue_seconds{};
    std::array<Histogram*, kModalityCount> encode_seconds{};
    std::array<Histogram*, kModalityCount> batch_tasks{};
    std::array<std::atomic<Counter*>, kModalityCount> tasks_done{};
    std::array<std::atomic<Counter*>, kMoodCount> picks_of{};
    std::atomic<Counter*> events_sent{};
    std::atomic<Gauge*> mysql_works{};
    std::atomic<Gauge*> deliveries_waiting{};
    Histogram& commit_operations = commits.Add({}, kSizes);
    Histogram& delivery_posts = deliveries.Add({}, kSizes);
    Histogram& fetch_duration = fetch_seconds.Add({}, kSeconds);
    Histogram& turn = turns.Add({}, kTurnSeconds);
    Gauge& longest = longest_turn.Add({});
    // Of the loop's thread.
    std::chrono::time_point<std::chrono::steady_clock, std::chrono::minutes> longest_minute{};
    double longest_now = 0;
    double longest_before = 0;
    std::array<Counter*, kRefusals.size()> refusals{};
    Counter& bytes_fetched = fetched_bytes.Add({});
    Counter& retries = fetch_retries.Add({});
    Counter& connections_opened = fetch_connections.Add({{"kind", "opened"}});
    Counter& connections_reused = fetch_connections.Add({{"kind", "reused"}});

    struct {
        std::atomic<std::uint64_t> delivered, dead;
    } totals{};
    std::array<std::atomic<std::uint64_t>, kOutcomes.size()> answered{};
    Mutex models_mutex;
    std::map<std::pair<Modality, std::string>, Gauge*> models BGM_GUARDED_BY(models_mutex);
    Mutex catalogue_mutex;
    Gauge* catalogue BGM_GUARDED_BY(catalogue_mutex) = nullptr;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
    for (std::size_t source = 0; source < kSources.size(); ++source) {
        for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
            impl_->received[source][i] = &impl_->posts.Add(
                {{"source", text_of(kSources[source])}, {"outcome", text_of(kOutcomes[i])}});
        }
    }
    for (std::size_t i = 0; i < kForgetReasons.size(); ++i)
        impl_->forgotten_posts[i] = &impl_->forgotten.Add({{"reason", text_of(kForgetReasons[i])}});
    for (std::size_t i = 0; i < kStageNames.size(); ++i) {
        impl_->stage[i] = &impl_->stages.Add({{"stage", text_of(kStageNames[i])}}, kSeconds);
    }
    // What alerts count stands at 0 from the start: increase() does not see the first event of a series that
    // begins with it.
    for (std::size_t i = 0; i < kRefusals.size(); ++i)
        impl_->refusals[i] = &impl_->fetch_refusals.Add({{"guard", text_of(kRefusals[i])}});
    for (std::string_view stage : kDeathStages) {
        for (auto code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
            impl_->dead.Add(
                {{"stage", text_of(stage)}, {"code", text_of(name(static_cast<ErrorCode>(code)))}});
        }
    }
    for (Modality modality : kModalities) {
        for (std::string_view reason : kWorkerEnds)
            impl_->worker_ends.Add({{"modality", text_of(name(modality))}, {"reason", text_of(reason)}});
    }
    for (Modality modality : kModalities) {
        const Labels labels{{"modality", text_of(name(modality))}};
        const auto i = static_cast<std::size_t>(modality);
        impl_->queue_seconds[i] = &impl_->task_queue.Add(labels, kSeconds);
        impl_->encode_seconds[i] = &impl_->task_encode.Add(labels, kSeconds);
        impl_->batch_tasks[i] = &impl_->batches.Add(labels, kSizes);
    }
}

Metrics::~Metrics() = default;

void Metrics::count_post(std::string_view source, std::string_view outcome) {
    const auto at = static_cast<std::size_t>(std::ranges::find(kSources, source) - kSources.begin());
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
        if (outcome != kOutcomes[i]) continue;
        impl_->received.at(at)[i]->Increment();
        ++impl_->answered[i];
    }
}

void Metrics::count_rejection(std::string_view code) {
    impl_->rejections.Add({{"code", text_of(code)}}).Increment();
}

void Metrics::observe_stage(Stage stage, double seconds) {
    impl_->stage[static_cast<std::size_t>(stage)]->Observe(seconds);
}

void Metrics::observe_commit(std::size_t operations) {
    impl_->commit_operations.Observe(static_cast<double>(operations));
}

void Metrics::set_journal(const JournalCounts& counts, std::size_t queued, bool writable) {
    for (PostState state : kPostStates) {
        impl_->journal_posts.Add({{"state", text_of(name(state))}})
            .Set(static_cast<double>(counts.by_state[static_cast<std::size_t>(state)]));
    }
    impl_->journal.Add({}).Set(static_cast<double>(counts.bytes));
    impl_->journal_used.Add({}).Set(static_cast<double>(counts.used_bytes));
    impl_->oldest.Add({}).Set(static_cast<double>(counts.oldest_unfinished_ms) / 1000.0);
    impl_->oldest_delivered.Add({}).Set(static_cast<double>(counts.oldest_delivered_ms) / 1000.0);
    impl_->journal_queue.Add({}).Set(static_cast<double>(queued));
    impl_->journal_writable.Add({}).Set(writable ? 1 : 0);
}

void Metrics::count_forgotten(std::string_view reason, std::int64_t posts) {
    for (std::size_t i = 0; i < kForgetReasons.size(); ++i) {
        if (reason == kForgetReasons[i]) impl_->forgotten_posts[i]->Increment(static_cast<double>(posts));
    }
}

void Metrics::count_task(Modality modality, std::string_view outcome) {
    const auto add = [&]() -> Counter& {
        return impl_->tasks.Add({{"modality", text_of(name(modality))}, {"outcome", text_of(outcome)}});
    };
    if (outcome != "ok") return add().Increment();
    once(impl_->tasks_done[static_cast<std::size_t>(modality)], add).Increment();
}

void Metrics::observe_task(Modality modality, double queue_seconds, double encode_seconds,
                           std::size_t batch_size) {
    const auto i = static_cast<std::size_t>(modality);
    impl_->queue_seconds[i]->Observe(queue_seconds);
    impl_->encode_seconds[i]->Observe(encode_seconds);
    impl_->batch_tasks[i]->Observe(static_cast<double>(batch_size));
}

void Metrics::set_tasks(Modality modality, std::size_t waiting, std::size_t in_flight) {
    const Labels labels{{"modality", text_of(name(modality))}};
    impl_->tasks_waiting.Add(labels).Set(static_cast<double>(waiting));
    impl_->tasks_in_flight.Add(labels).Set(static_cast<double>(in_flight));
}

void Metrics::set_posts_in_analysis(std::size_t count) {
    impl_->analysing.Add({}).Set(static_cast<double>(count));
}

void Metrics::observe_fetch(const FetchReport& report) {
    const auto outcome = report.failure ? name(*report.failure) : std::string_view("ok");
    impl_->fetches.Add({{"outcome", text_of(outcome)}}).Increment();
    if (report.refusal != FetchRefusal::none)
        impl_->refusals[static_cast<std::size_t>(report.refusal) - 1]->Increment();
    impl_->fetch_duration.Observe(report.seconds);
    impl_->bytes_fetched.Increment(static_cast<double>(report.bytes));
    impl_->retries.Increment(static_cast<double>(report.retries));
    impl_->connections_opened.Increment(static_cast<double>(report.connections_opened));
    impl_->connections_reused.Increment(static_cast<double>(report.connections_reused));
}

void Metrics::set_fetches(const FetchCounts& counts) {
    impl_->fetches_running.Add({}).Set(static_cast<double>(counts.running));
    impl_->fetches_waiting.Add({}).Set(static_cast<double>(counts.waiting));
    impl_->fetch_memory.Add({}).Set(static_cast<double>(counts.memory_bytes));
}

void Metrics::count_pick(Mood mood, bool ambiguous) {
    once(impl_->picks_of[static_cast<std::size_t>(mood)], [&]() -> Counter& {
        return impl_->picks.Add({{"mood", text_of(name(mood))}});
    }).Increment();
    if (ambiguous) impl_->ambiguous.Add({}).Increment();
}

void Metrics::count_degraded(std::string_view modality, std::string_view code) {
    impl_->degraded.Add({{"modality", text_of(modality)}, {"code", text_of(code)}}).Increment();
}

void Metrics::count_dead(std::string_view stage, std::string_view code) {
    impl_->dead.Add({{"stage", text_of(stage)}, {"code", text_of(code)}}).Increment();
    ++impl_->totals.dead;
}

void Metrics::observe_loop_turn(double seconds) {
    impl_->turn.Observe(seconds);
    const auto minute = std::chrono::floor<std::chrono::minutes>(std::chrono::steady_clock::now());
    if (minute != impl_->longest_minute) {
        const bool next = minute == impl_->longest_minute + std::chrono::minutes(1);
        impl_->longest_before = next ? impl_->longest_now : 0;
        impl_->longest_now = 0;
        impl_->longest_minute = minute;
    } else if (seconds <= impl_->longest_now) {
        return;
    }
    impl_->longest_now = std::max(impl_->longest_now, seconds);
    impl_->longest.Set(std::max(impl_->longest_now, impl_->longest_before));
}

void Metrics::count_worker_end(Modality modality, std::string_view reason) {
    impl_->worker_ends.Add({{"modality", text_of(name(modality))}, {"reason", text_of(reason)}}).Increment();
}

void Metrics::set_workers(Modality modality, std::size_t ready, std::size_t configured) {
    const std::string label(name(modality));
    impl_->workers.Add({{"modality", label}, {"state", "ready"}}).Set(static_cast<double>(ready));
    impl_->workers.Add({{"modality", label}, {"state", "configured"}}).Set(static_cast<double>(configured));
}

void Metrics::set_worker_memory(std::string_view worker, std::uint64_t rss_bytes) {
    impl_->worker_memory.Add({{"worker", text_of(worker)}}).Set(static_cast<double>(rss_bytes));
}

void Metrics::forget_worker(std::string_view worker) {
    Impl& impl = *impl_;
    impl.worker_memory.Remove(&impl.worker_memory.Add({{"worker", text_of(worker)}}));
}

void Metrics::set_models(const std::set<std::pair<Modality, std::string>>& models) {
    Impl& impl = *impl_;
    const MutexLock lock(impl.models_mutex);
    for (auto entry = impl.models.begin(); entry != impl.models.end();) {
        if (models.contains(entry->first)) {
            ++entry;
        } else {
            impl.model_info.Remove(entry->second);
            entry = impl.models.erase(entry);
        }
    }
    for (const auto& model : models) {
        if (impl.models.contains(model)) continue;
        Gauge& gauge =
            impl.model_info.Add({{"modality", text_of(name(model.first))}, {"model", model.second}});
        gauge.Set(1);
        impl.models.emplace(model, &gauge);
    }
}

void Metrics::count_cache_lookups(Modality modality, std::uint64_t hits, std::uint64_t misses) {
    const std::string label(name(modality));
    impl_->cache_lookups.Add({{"modality", label}, {"outcome", "hit"}}).Increment(static_cast<double>(hits));
    impl_->cache_lookups.Add({{"modality", label}, {"outcome", "miss"}})
        .Increment(static_cast<double>(misses));
}

void Metrics::count_model_swap(std::string_view outcome) {
    impl_->model_swaps.Add({{"outcome", text_of(outcome)}}).Increment();
}

void Metrics::observe_delivery(std::size_t posts) {
    impl_->delivery_posts.Observe(static_cast<double>(posts));
}

void Metrics::count_delivered() {
    ++impl_->totals.delivered;
}

void Metrics::count_mysql_error(ErrorCode code) {
    impl_->mysql_errors.Add({{"code", text_of(name(code))}}).Increment();
}

void Metrics::set_mysql(bool up, std::size_t queued) {
    once(impl_->mysql_works, [&]() -> Gauge& { return impl_->mysql_up.Add({}); }).Set(up ? 1 : 0);
    once(impl_->deliveries_waiting, [&]() -> Gauge& {
        return impl_->delivery_queue.Add({});
    }).Set(static_cast<double>(queued));
}

void Metrics::count_event() {
    once(impl_->events_sent, [&]() -> Counter& { return impl_->events.Add({}); }).Increment();
}

void Metrics::set_catalogue(std::size_t tracks, std::string_view version) {
    const MutexLock lock(impl_->catalogue_mutex);
    // One version at a time: the label of the earlier one would stay for ever.
    if (impl_->catalogue != nullptr) impl_->tracks.Remove(impl_->catalogue);
    impl_->catalogue = &impl_->tracks.Add({{"version", text_of(version)}});
    impl_->catalogue->Set(static_cast<double>(tracks));
}

void Metrics::set_memory(std::uint64_t rss_bytes) {
    impl_->memory.Add({}).Set(static_cast<double>(rss_bytes));
}

Metrics::Totals Metrics::totals() const {
    const auto& answered = impl_->answered;  // in the order of kOutcomes
    return {.accepted = answered[0],
            .rejected = answered[1],
            .duplicate = answered[2],
            .busy = answered[3],
            .delivered = impl_->totals.delivered,
            .dead = impl_->totals.dead};
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace bgm
