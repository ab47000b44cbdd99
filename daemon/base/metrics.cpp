#include "daemon/base/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "daemon/base/metric_families.hpp"
#include "schemas/mutex.hpp"

namespace bgm {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

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

struct Metrics::Impl : MetricFamilies {
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
    SharedMediaCounts shared_media;  // as they were told last
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
    for (std::size_t source = 0; source < Impl::kSources.size(); ++source) {
        for (std::size_t i = 0; i < Impl::kOutcomes.size(); ++i) {
            impl_->received[source][i] = &impl_->posts.Add(
                {{"source", text_of(Impl::kSources[source])}, {"outcome", text_of(Impl::kOutcomes[i])}});
        }
    }
    for (std::size_t i = 0; i < Impl::kForgetReasons.size(); ++i)
        impl_->forgotten_posts[i] = &impl_->forgotten.Add({{"reason", text_of(Impl::kForgetReasons[i])}});
    for (std::size_t i = 0; i < Impl::kStageNames.size(); ++i) {
        impl_->stage[i] = &impl_->stages.Add({{"stage", text_of(Impl::kStageNames[i])}}, Impl::kSeconds);
    }
    // What alerts count stands at 0 from the start: increase() does not see the first event of a series that
    // begins with it.
    for (std::size_t i = 0; i < Impl::kRefusals.size(); ++i)
        impl_->refusals[i] = &impl_->fetch_refusals.Add({{"guard", text_of(Impl::kRefusals[i])}});
    for (std::string_view stage : Impl::kDeathStages) {
        for (auto code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
            impl_->dead.Add(
                {{"stage", text_of(stage)}, {"code", text_of(name(static_cast<ErrorCode>(code)))}});
        }
    }
    for (std::string_view reason : Impl::kRemoteRefusals)
        impl_->refused_remotes.Add({{"reason", text_of(reason)}});
    for (Modality modality : kModalities) {
        for (std::string_view reason : Impl::kWorkerEnds)
            impl_->worker_ends.Add({{"modality", text_of(name(modality))}, {"reason", text_of(reason)}});
    }
    for (Modality modality : kModalities) {
        const Labels labels{{"modality", text_of(name(modality))}};
        const auto i = static_cast<std::size_t>(modality);
        impl_->queue_seconds[i] = &impl_->task_queue.Add(labels, Impl::kSeconds);
        impl_->encode_seconds[i] = &impl_->task_encode.Add(labels, Impl::kSeconds);
        impl_->batch_tasks[i] = &impl_->batches.Add(labels, Impl::kSizes);
    }
}

Metrics::~Metrics() = default;

void Metrics::count_post(std::string_view source, std::string_view outcome) {
    const auto at =
        static_cast<std::size_t>(std::ranges::find(Impl::kSources, source) - Impl::kSources.begin());
    for (std::size_t i = 0; i < Impl::kOutcomes.size(); ++i) {
        if (outcome != Impl::kOutcomes[i]) continue;
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
    for (std::size_t i = 0; i < Impl::kForgetReasons.size(); ++i) {
        if (reason == Impl::kForgetReasons[i])
            impl_->forgotten_posts[i]->Increment(static_cast<double>(posts));
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

void Metrics::set_shared_media(const SharedMediaCounts& counts) {
    const SharedMediaCounts before = std::exchange(impl_->shared_media, counts);
    for (const auto& [outcome, count] : {std::pair("written", &SharedMediaCounts::written),
                                         {"failed", &SharedMediaCounts::failed},
                                         {"read", &SharedMediaCounts::read},
                                         {"missing", &SharedMediaCounts::missing},
                                         {"changed", &SharedMediaCounts::changed},
                                         {"away", &SharedMediaCounts::away},
                                         {"erased", &SharedMediaCounts::erased},
                                         {"swept", &SharedMediaCounts::swept}}) {
        impl_->shared_media_files.Add({{"outcome", outcome}})
            .Increment(static_cast<double>(counts.*count - before.*count));
    }
    impl_->shared_media_available.Add({}).Set(counts.available ? 1 : 0);
    impl_->shared_media_held.Add({}).Set(static_cast<double>(counts.bytes));
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

void Metrics::count_refused_remote(std::string_view reason, std::uint64_t times) {
    if (times > 0)
        impl_->refused_remotes.Add({{"reason", text_of(reason)}}).Increment(static_cast<double>(times));
}

void Metrics::set_remote_connections(std::size_t connections) {
    impl_->remote_connections.Add({}).Set(static_cast<double>(connections));
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

void Metrics::set_shared_queue(std::size_t stuck, std::uint64_t stalls) {
    impl_->stuck_queues.Add({}).Set(static_cast<double>(stuck));
    Counter& counted = impl_->queue_stalls.Add({});
    counted.Increment(static_cast<double>(stalls) - counted.Value());
}

void Metrics::set_catalogue(std::size_t tracks, std::string_view version) {
    const MutexLock lock(impl_->catalogue_mutex);
    // One version at a time: the label of the earlier one would stay for ever.
    if (impl_->catalogue != nullptr) impl_->tracks.Remove(impl_->catalogue);
    impl_->catalogue = &impl_->tracks.Add({{"version", text_of(version)}});
    impl_->catalogue->Set(static_cast<double>(tracks));
}

void Metrics::count_replica_read(std::string_view outcome) {
    impl_->replica_reads.Add({{"outcome", text_of(outcome)}}).Increment();
}

void Metrics::set_replica(std::string_view endpoint, bool fresh, double behind_seconds) {
    impl_->replica_fresh.Add({{"replica", text_of(endpoint)}}).Set(fresh ? 1 : 0);
    impl_->replica_behind.Add({{"replica", text_of(endpoint)}}).Set(behind_seconds);
}

void Metrics::count_taste_lookup(std::string_view outcome) {
    impl_->taste_lookups.Add({{"outcome", text_of(outcome)}}).Increment();
}

void Metrics::count_learnt(std::uint64_t counted, std::uint64_t nothing) {
    impl_->learnt.Add({{"outcome", "counted"}}).Increment(static_cast<double>(counted));
    impl_->learnt.Add({{"outcome", "nothing"}}).Increment(static_cast<double>(nothing));
}

void Metrics::set_analyses(std::string_view use, std::size_t tracks) {
    impl_->analyses.Add({{"use", text_of(use)}}).Set(static_cast<double>(tracks));
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
