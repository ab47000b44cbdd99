// What a running bgmd consists of, and how it is opened and wired together: opening.cpp from the journal to
// the membership, doors.cpp what others ask it by, daemon.cpp what it does while it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/admin/admin.hpp"
#include "daemon/admin/http_server.hpp"
#include "daemon/admin/journal_dead_letters.hpp"
#include "daemon/admin/stored_dead_letters.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/cluster/membership.hpp"
#include "daemon/cluster/replica_watch.hpp"
#include "daemon/config_views.hpp"
#include "daemon/daemon.hpp"
#include "daemon/door/door.hpp"
#include "daemon/door/door_store.hpp"
#include "daemon/fetch/media_fetcher.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "daemon/fleet/supervisor.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/pipeline/admission.hpp"
#include "daemon/pipeline/catalogue_source.hpp"
#include "daemon/pipeline/delivery.hpp"
#include "daemon/pipeline/dispatcher.hpp"
#include "daemon/pipeline/listeners.hpp"
#include "daemon/pipeline/recommender.hpp"
#include "daemon/pipeline/taste_learner.hpp"
#include "daemon/pipeline/text_places.hpp"
#include "daemon/queue/amqp_queue.hpp"
#include "daemon/sources/zmq_source.hpp"

namespace bgm {

// Keeps what was opened, or says why it was not.
template <typename T>
Status keep(Result<std::unique_ptr<T>> opened, std::unique_ptr<T>& place) {
    if (!opened) return opened.error();
    place = *std::move(opened);
    return ok_status();
}

// In the order of construction: what stands below may use what stands above, and goes first.
struct Daemon::Parts {
    explicit Parts(Config&& settings) : config(std::move(settings)) {}
    ~Parts() {
        // Threads that post to the loop or use the journal or the media end before what they use.
        membership.reset();
        door_store.reset();
        taste_learner.reset();
        listeners.reset();
        catalogue.reset();
        replicas.reset();
        fetcher.reset();
        delivery.reset();
        media.reset();
        journal.reset();
    }

    const Config config;
    Descriptor lock;  // of the data folder
    Descriptor signals;
    Metrics metrics;
    EventLoop loop;
    Messaging messaging;
    std::unique_ptr<MediaStore> media;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Revocations> revocations;
    std::unique_ptr<PostQueue> queue;
    AmqpQueue* shared_queue = nullptr;  // the same, where it is one
    Recommender recommender{loop,
                            {.tracks_default = static_cast<std::uint32_t>(config.posts.tracks_default),
                             .matching = match_settings(config),
                             .repeat_after_ms = config.matching.repeat_after_s * 1000,
                             .nice = static_cast<int>(config.workers.nice)}};
    std::unique_ptr<Listeners> listeners;  // null without MySQL, as what follows
    std::unique_ptr<TasteLearner> taste_learner;
    std::unique_ptr<WorkerPool> pool;
    std::unique_ptr<ServingModels> models;
    std::unique_ptr<Supervisor> supervisor;
    std::unique_ptr<Delivery> delivery;
    std::unique_ptr<MediaFetcher> fetcher;
    std::unique_ptr<Dispatcher> dispatcher;
    std::unique_ptr<TextPlaces> text_places;
    std::unique_ptr<Admission> admission;
    std::unique_ptr<ZmqSource> zmq_source;
    std::unique_ptr<ReplicaWatch> replicas;  // null without any
    std::unique_ptr<CatalogueSource> catalogue;
    std::unique_ptr<DoorStore> door_store;
    std::unique_ptr<KeyRing> keys;
    std::unique_ptr<DeadLetters> dead_letters;
    std::unique_ptr<Admin> admin;
    std::unique_ptr<Door> door;
    std::unique_ptr<HttpServer> http;
    std::unique_ptr<Membership> membership;
    std::optional<HostRun> run;  // where the queue is shared
    std::vector<int> own_partitions;
    Stopwatch uptime;
    std::vector<ApiKey> stored_keys;  // of the journal, at the start
    bool draining = false;
    EventLoop::Clock::time_point drain_until;

    Status open_journal();
    Status open_queue();
    Status open_analysis();
    Status open_endpoints();
    Status open_admin();
    Status open_door();
    PostLookup::Hooks lookup_hooks();
    void open_dead_letters();
    PostErasure::EraseDelivered erase_delivered_hook(Delivery::Patience patience);
    Status open_membership();
    void share_out(const std::vector<HostRow>& hosts);
    void start_timers();

    void on_catalogue(std::shared_ptr<const Catalogue> loaded);
    void on_signal();
    void check_drained();
    void publish_metrics();
    std::vector<std::string> missing() const;
    nlohmann::json status() const;
    void swap_models(const ModelChange& change, std::function<void(Result<nlohmann::json>)> reply);
};

}  // namespace bgm
