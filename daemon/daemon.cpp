#include "daemon/daemon.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "daemon/admin/admin.hpp"
#include "daemon/admin/http_server.hpp"
#include "daemon/admin/journal_dead_letters.hpp"
#include "daemon/admin/status.hpp"
#include "daemon/admin/stored_dead_letters.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/base/log.hpp"
#include "daemon/cluster/host_status.hpp"
#include "daemon/cluster/membership.hpp"
#include "daemon/cluster/replica_watch.hpp"
#include "daemon/cluster/shares.hpp"
#include "daemon/config_views.hpp"
#include "daemon/data_folder.hpp"
#include "daemon/door/door.hpp"
#include "daemon/door/door_store.hpp"
#include "daemon/fetch/media_fetcher.hpp"
#include "daemon/fleet/model_files.hpp"
#include "daemon/fleet/serving_models.hpp"
#include "daemon/fleet/supervisor.hpp"
#include "daemon/fleet/worker_pool.hpp"
#include "daemon/head_requests.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"
#include "daemon/journal_opening.hpp"
#include "daemon/pipeline/admission.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "daemon/pipeline/catalogue_source.hpp"
#include "daemon/pipeline/delivery.hpp"
#include "daemon/pipeline/dispatcher.hpp"
#include "daemon/pipeline/listeners.hpp"
#include "daemon/pipeline/recommender.hpp"
#include "daemon/pipeline/taste_learner.hpp"
#include "daemon/pipeline/text_places.hpp"
#include "daemon/queue/amqp_queue.hpp"
#include "daemon/queue/local_queue.hpp"
#include "daemon/search_requests.hpp"
#include "daemon/sources/zmq_source.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/taste_requests.hpp"
#include "daemon/version.hpp"
#include "schemas/network_packages.hpp"

namespace bgm {
namespace {

constexpr std::chrono::milliseconds kReadinessPeriod{20};
constexpr std::chrono::seconds kMetricsPeriod{1};

void fill_paths(Config& config) {
    fill_model_paths(config);
    if (config.catalogue.file.empty()) config.catalogue.file = shipped_data() / "catalogue" / "starter.jsonl";
}

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    statm >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Keeps what was opened, or says why it was not.
template <typename T>
Status keep(Result<std::unique_ptr<T>> opened, std::unique_ptr<T>& place) {
    if (!opened) return opened.error();
    place = *std::move(opened);
    return ok_status();
}

}  // namespace

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

Status Daemon::Parts::open_journal() {
    for (const std::string& directory : {config.data_dir, config.runtime_dir}) {
        if (auto made = make_private_folder(directory); !made) return made;
    }
    auto locked = lock_folder(config.data_dir);
    if (!locked) return locked.error();
    lock = *std::move(locked);
    auto store = open_journal_store(config);
    if (!store) return store.error();
    // What is taken from a shared queue comes again: nothing of it need outlive this process.
    auto kept =
        keep(MediaStore::open(config.data_dir + "/media", config.media.root, config.journal.media_bytes_max,
                              static_cast<int>(config.workers.nice), !config.queue.shared()),
             media);
    if (!kept) return kept;
    // A post that died between the media and the journal was never acknowledged: its bytes must not stay.
    auto in_use = (*store)->media_in_use();
    if (!in_use) return in_use.error();
    if (!config.mysql.enabled()) {
        kept = (*store)->keep_events();
        if (!kept) return kept;
    }
    auto keys_read = (*store)->api_keys();
    if (!keys_read) return keys_read.error();
    stored_keys = std::move(*keys_read);
    media->erase_all_but(std::unordered_set<std::string>(in_use->begin(), in_use->end()));
    journal = std::make_unique<Journal>(
        std::move(*store),
        Journal::Options{
            .queue_bytes_max = static_cast<std::size_t>(config.journal.queue_bytes_max),
            .commit_batch = static_cast<std::size_t>(config.journal.commit_batch),
            .keep_delivered_ms = std::min(config.journal.keep_delivered_s, INT64_MAX / 1000) * 1000,
            .folder = config.data_dir,
            .together = [this](const auto& tell) { loop.post_together(tell); }},
        metrics);
    return ok_status();
}

Status Daemon::Parts::open_queue() {
    const auto on_taken = [this](AcceptedPost post) { dispatcher->accept(std::move(post)); };
    if (!config.queue.shared()) {
        queue = std::make_unique<LocalQueue>(config, loop, *journal, *media, on_taken);
        return ok_status();
    }
    auto opened =
        AmqpQueue::open(config, post_limits(config), loop, *journal, *media,
                        {.on_taken = on_taken,
                         .on_dead = [this](std::int64_t seq,
                                           v1::DeadLetter letter) { delivery->bury(seq, std::move(letter)); },
                         .erase_rows =
                             [this](ErasureScope scope, PostQueue::OnDone done) {
                                 delivery->erase(std::move(scope),
                                                 [done = std::move(done)](const Result<ErasedRows>& erased) {
                                                     done(erased ? ok_status() : Status(erased.error()));
                                                 });
                             },
                         .on_event = [this](const std::string& topic,
                                            std::string event) { delivery->tell(topic, std::move(event)); },
                         .on_retry = [this] { pool->forgive(); }});
    if (!opened) return opened.error();
    shared_queue = opened->get();
    run = HostRun::begin(AmqpQueue::host_name(config));
    queue = *std::move(opened);
    return ok_status();
}

Status Daemon::Parts::open_analysis() {
    auto opened = keep(WorkerPool::open(config, loop, messaging, *media, metrics), pool);
    if (opened) opened = keep(ServingModels::open(config, loop, *pool, metrics), models);
    if (!opened) return opened;
    supervisor = supervise(config, loop, *pool, *models, metrics);
    opened = keep(
        Delivery::open(config, loop, messaging, *journal, *queue, metrics, mysql_delivery_store(config, run)),
        delivery);
    if (!opened) return opened;
    if (shared_queue != nullptr) {
        delivery->set_spread([this](std::string topic, std::string event) {
            return shared_queue->spread(std::move(topic), std::move(event));
        });
    }
    auto own = OwnNetworks::parse(config.fetch.own_networks);
    if (!own)
        return Error{.code = own.error().code, .message = own.error().message, .field = "fetch.own_networks"};
    auto rules = FetchRules::parse(config.fetch.hosts, config.fetch.signing_key, *std::move(own));
    if (!rules)
        return Error{.code = rules.error().code, .message = rules.error().message, .field = "fetch.hosts"};
    fetcher = std::make_unique<MediaFetcher>(
        *std::move(rules), fetch_limits(config), make_system_resolver(), make_direct_connector(),
        [this](const FetchReport& report) { metrics.observe_fetch(report); });
    if (config.mysql.enabled()) {
        listeners = Listeners::open(config, loop, metrics);
        taste_learner = std::make_unique<TasteLearner>(
            config, loop, metrics, [this](const auto& changed) { listeners->changed(changed); });
    } else {
        log_info("taste is off: it is kept in MySQL, and none is configured");
    }
    const Analysts hands = analysts(*pool, *fetcher, recommender, listeners.get());
    text_places = std::make_unique<TextPlaces>(loop, hands);
    dispatcher =
        std::make_unique<Dispatcher>(config, loop, *journal, *media, hands, metrics,
                                     [this](Decision decision) { delivery->enqueue(std::move(decision)); });
    dispatcher->set_origins([this](std::int64_t seq) { return queue->origin(seq); });
    dispatcher->set_pace(
        [this](bool backfill, std::size_t posts) { return delivery->has_room(backfill, posts); });
    return ok_status();
}

Status Daemon::Parts::open_endpoints() {
    admission = std::make_unique<Admission>(config, loop, *queue, *media, metrics);
    const auto judge = [this](std::string_view digest) { return keys->judge(digest, Scope::post, now_ms()); };
    if (auto opened = keep(ZmqSource::open(config, loop, messaging, *admission, judge), zmq_source); !opened)
        return opened;
    const MySqlOptions primary = mysql_options(config);
    replicas = ReplicaWatch::open(primary, replica_options(primary, config.mysql.replicas),
                                  std::chrono::milliseconds(config.mysql.replica_lag_max_ms), loop, metrics);
    catalogue = std::make_unique<CatalogueSource>(
        config, loop, [this](std::shared_ptr<const Catalogue> loaded) { on_catalogue(std::move(loaded)); },
        replicas ? &replicas->sites() : nullptr,
        [this](std::string_view outcome) { metrics.count_replica_read(outcome); });
    open_dead_letters();
    if (auto opened_admin = open_admin(); !opened_admin) return opened_admin;
    if (auto opened_door = open_door(); !opened_door) return opened_door;
    if (config.http.listen.empty()) return ok_status();
    return keep(HttpServer::open(config.http.listen, metrics), http);
}

PostLookup::Hooks Daemon::Parts::lookup_hooks() {
    PostLookup::Hooks hooks{.analysing = [this](std::int64_t seq) { return dispatcher->holds(seq); },
                            .find_pick =
                                [this](std::string tenant, std::string post_id, std::uint32_t revision_min,
                                       PostLookup::OnPick done) {
                                    catalogue->find_pick(std::move(tenant), std::move(post_id), revision_min,
                                                         std::move(done));
                                }};
    if (shared_queue != nullptr)
        hooks.find_dead = [this](std::string tenant, std::string post_id, PostLookup::OnDead done) {
            dead_letters->find(std::move(tenant), std::move(post_id), std::move(done));
        };
    return hooks;
}

void Daemon::Parts::open_dead_letters() {
    if (shared_queue != nullptr) {
        dead_letters = std::make_unique<StoredDeadLetters>(
            loop, StoredDeadLetters::Hooks{
                      .ask = [this](auto question) { door_store->ask(std::move(question)); },
                      .retry = [this](StoredDead dead,
                                      auto done) { shared_queue->retry(std::move(dead), std::move(done)); }});
        return;
    }
    dead_letters = std::make_unique<JournalDeadLetters>(
        loop, *journal, *media,
        [this](std::string tenant, std::string post_id) {
            delivery->forget_dead(std::move(tenant), std::move(post_id));
        },
        [this] {
            pool->forgive();
            dispatcher->resume();
        });
}

PostErasure::EraseDelivered Daemon::Parts::erase_delivered_hook(Delivery::Patience patience) {
    return [this, patience](ErasureScope scope, Delivery::OnErased done) {
        const ListenerKey listener{scope.tenant, scope.user_id};
        // Whoever is told that it is gone is not shown it by a replica.
        const auto answer = [this, done = std::move(done)](Result<ErasedRows> erased) {
            if (!erased || !replicas) return done(std::move(erased));
            replicas->settle([done, erased = std::move(erased)] { done(erased); });
        };
        // What is still on its way, here or to another host, is written after this and erased in its turn.
        const auto announce = [this, scope, answer](Result<ErasedRows> erased) {
            if (!erased) return answer(std::move(erased));
            queue->erase(scope, [answer, erased = std::move(erased)](const Status& announced) {
                answer(announced ? erased : Result<ErasedRows>(announced.error()));
            });
        };
        delivery->erase(
            scope,
            [this, listener, announce](Result<ErasedRows> erased) {
                if (listeners && !listener.user_id.empty()) listeners->forget(listener);
                announce(std::move(erased));
            },
            patience);
    };
}

Status Daemon::Parts::open_admin() {
    return keep(
        Admin::open(
            config, loop, messaging, *journal, *media, *dead_letters,
            {.status = [this] { return status(); },
             .posts = lookup_hooks(),
             .swap_models = [this](const ModelChange& change,
                                   auto reply) { swap_models(change, std::move(reply)); },
             .erase_delivered = erase_delivered_hook(Delivery::Patience::endless),
             .reload_catalogue = [this](auto done) { catalogue->reload(std::move(done)); },
             .create_key = [this](const auto& request, const auto& reply) { keys->create(request, reply); },
             .list_keys = [this](const auto& request, const auto& reply) { keys->list(request, reply); },
             .revoke_key = [this](const auto& request, const auto& reply) { keys->revoke(request, reply); },
             .show_taste = [this](const auto& request,
                                  const auto& reply) { show_taste(taste_learner.get(), request, reply); },
             .rebuild_taste = [this](
                                  const auto& request,
                                  const auto& reply) { rebuild_taste(taste_learner.get(), request, reply); },
             .place_text = [this](const auto& request,
                                  const auto& reply) { place_text(*text_places, request, reply); },
             .list_heads = [this](const auto& request,
                                  const auto& reply) { list_heads(*models, request, reply); },
             .show_head = [this](const auto& request,
                                 const auto& reply) { show_head(*models, request, reply); },
             .teach_head = [this](const auto& request,
                                  const auto& reply) { teach_head(*models, request, reply); },
             .undo_head = [this](const auto& request,
                                 const auto& reply) { undo_head(*models, request, reply); },
             .hosts = [this] { return membership ? membership->hosts() : std::vector<HostRow>{}; }}),
        admin);
}

Status Daemon::Parts::open_door() {
    if (config.mysql.enabled() || config.gateway.enabled()) {
        door_store = std::make_unique<DoorStore>(
            config, loop, [this](std::vector<ApiKey> stored) { keys->refreshed(std::move(stored)); });
    }
    keys = std::make_unique<KeyRing>(loop, *journal, stored_keys,
                                     door_store ? door_store->key_home() : KeyHome{});
    if (!config.gateway.enabled()) return ok_status();
    EventPages::Find find_events;
    std::function<void(std::vector<v1::Feedback>, std::function<void(Result<std::uint64_t>)>)>
        insert_feedback;
    if (config.mysql.enabled()) {
        find_events = [this](std::string tenant, std::uint64_t after, std::size_t limit, auto done) {
            door_store->events(std::move(tenant), after, limit, std::move(done));
        };
        insert_feedback = [this](std::vector<v1::Feedback> feedback, auto done) {
            door_store->insert(std::move(feedback),
                               [this, done = std::move(done)](Result<std::uint64_t> stored) {
                                   if (stored && *stored > 0) taste_learner->wake();
                                   done(std::move(stored));
                               });
        };
    }
    return keep(
        Door::open(
            config, loop, messaging, *journal, *media, *dead_letters, *keys,
            {.status = [this] { return status(); },
             .missing = [this] { return missing(); },
             .posts = lookup_hooks(),
             .erase_delivered = erase_delivered_hook(Delivery::Patience::none),
             .find_events = std::move(find_events),
             .insert_feedback = std::move(insert_feedback),
             .catalogue = [this](const std::string& tenant) -> std::shared_ptr<const Catalogue> {
                 const auto& set = recommender.catalogues();
                 if (!set) return nullptr;
                 return {set, &set->serving(tenant)};
             },
             .aside = [this](auto work) { door_store->aside(std::move(work)); },
             .place_text = [this](std::string text,
                                  auto done) { text_places->find(std::move(text), std::move(done)); }}),
        door);
}

void Daemon::Parts::start_timers() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    signals = Descriptor(signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
    loop.watch_fd(signals.get(), [this] { on_signal(); });
    loop.every(kReadinessPeriod, [this] {
        if (http) http->set_missing(missing());
        check_drained();
    });
    loop.observe_turns(
        [this](std::chrono::duration<double> turn) { metrics.observe_loop_turn(turn.count()); });
    loop.every(kMetricsPeriod, [this] { publish_metrics(); });
}

void Daemon::Parts::on_catalogue(std::shared_ptr<const Catalogue> loaded) {
    metrics.set_catalogue(loaded->size(), loaded->version());
    metrics.set_analyses("used", loaded->heard().used);
    metrics.set_analyses("other_space", loaded->heard().other_space);
    metrics.set_analyses("other_model", loaded->heard().other_model);
    const bool first = recommender.catalogues() == nullptr;
    recommender.set_catalogues(std::make_shared<const CatalogueSet>(std::move(loaded)));
    if (taste_learner) taste_learner->set_catalogues(recommender.catalogues());
    if (first) dispatcher->resume();
}

// Who else is there decides which queues fall to this host.
Status Daemon::Parts::open_membership() {
    if (shared_queue == nullptr) return ok_status();
    return keep(Membership::open({.mysql = mysql_options(config),
                                  .migrate = config.mysql.migrate,
                                  .run = *run,
                                  .partitions = static_cast<int>(config.queue.partitions)},
                                 loop,
                                 {.on_hosts = [this](const std::vector<HostRow>& hosts) { share_out(hosts); },
                                  .on_refused =
                                      [this](const Error& error) {
                                          log_error("bgmd stops: it does not go with the other hosts",
                                                    {{"error", error.to_string()}});
                                          loop.stop();
                                      },
                                  .status = [this] { return host_status(status(), own_partitions).dump(); },
                                  .announced_over = [this] { return delivery->announced_over(); }}),
                membership);
}

void Daemon::Parts::share_out(const std::vector<HostRow>& hosts) {
    std::vector<std::string> taking;
    for (const HostRow& host : hosts) {
        if (!host.draining) taking.push_back(host.name);
    }
    own_partitions = draining
                         ? std::vector<int>{}
                         : owned_partitions(static_cast<int>(config.queue.partitions), taking, run->name);
    shared_queue->set_partitions(own_partitions);
}

void Daemon::Parts::on_signal() {
    signalfd_siginfo info{};
    if (read(signals.get(), &info, sizeof info) != sizeof info) return;
    if (draining) {
        log_warn("second signal: stopping at once");
        return loop.stop();
    }
    log_info("draining", {{"signal", std::to_string(info.ssi_signo)},
                          {"analysing", std::to_string(dispatcher->active())}});
    draining = true;
    drain_until = EventLoop::Clock::now() + std::chrono::milliseconds(config.supervisor.drain_ms);
    admission->refuse();
    dispatcher->drain();
    if (membership) {
        membership->drain();
        share_out({});
    }
}

void Daemon::Parts::check_drained() {
    if (!draining) return;
    const bool delivered = delivery->pending() == 0 || !delivery->mysql_error().empty();
    const bool drained =
        admission->pending() == 0 && dispatcher->running() == 0 && delivered && journal->queued() == 0;
    if (!drained && EventLoop::Clock::now() < drain_until) return;
    log_info("stopped", {{"drained", drained ? "true" : "false"},
                         {"analysing", std::to_string(dispatcher->active())},
                         {"undelivered", std::to_string(delivery->pending())}});
    draining = false;
    supervisor->stop();
    loop.stop();
}

void Daemon::Parts::publish_metrics() {
    metrics.set_memory(resident_bytes());
    metrics.set_journal(journal->counts(), journal->queued(), journal->writable());
    metrics.set_fetches(fetcher->counts());
    if (shared_queue != nullptr) metrics.set_shared_queue(shared_queue->stuck(), shared_queue->stalls());
    if (shared_queue != nullptr && shared_queue->shared_media() != nullptr)
        metrics.set_shared_media(shared_queue->shared_media()->counts());
    pool->publish_metrics();
    for (Modality modality : kModalities) {
        metrics.set_workers(modality, pool->ready(modality), supervisor->configured(modality));
    }
}

std::vector<std::string> Daemon::Parts::missing() const {
    std::vector<std::string> list;
    if (!journal->writable()) list.emplace_back("journal: cannot be written");
    if (recommender.catalogues() == nullptr) list.emplace_back("catalogue: not loaded");
    for (Modality modality : pool->missing())
        list.push_back("worker: " + std::string(name(modality)));
    for (std::string& missing : queue->missing())
        list.push_back(std::move(missing));
    if (draining) list.emplace_back("draining");
    return list;
}

nlohmann::json Daemon::Parts::status() const {
    const auto& catalogues = recommender.catalogues();
    return status_json({.version = std::string(kVersion),
                        .uptime_s = uptime.seconds(),
                        .missing = missing(),
                        .journal = journal->counts(),
                        .analysing = dispatcher->active(),
                        .children = supervisor->children(),
                        .connected = pool->workers(),
                        .models = models->current(),
                        .swapping = models->swapping(),
                        .mysql = config.mysql.enabled(),
                        .mysql_error = delivery->mysql_error(),
                        .replicas = replicas ? replicas->reports() : std::vector<ReplicaWatch::Report>{},
                        .tracks = catalogues ? catalogues->common->size() : 0,
                        .catalogue_version = catalogues ? catalogues->common->version() : "",
                        .listeners = listeners ? listeners->kept() : 0,
                        .posts = metrics.totals()});
}

void Daemon::Parts::swap_models(const ModelChange& change,
                                std::function<void(Result<nlohmann::json>)> reply) {
    if (draining) return reply(Error{.code = ErrorCode::unavailable, .message = "bgmd is stopping"});
    models->swap(change, [this, reply = std::move(reply)](Result<std::vector<std::string>> swapped) {
        if (!swapped) return reply(swapped.error());
        reply(nlohmann::json{{"workers", *swapped},
                             {"models", models_json(models->current(), models->swapping())}});
    });
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(Config config) {
    fill_paths(config);
    auto parts = std::make_unique<Parts>(std::move(config));
    if (auto opened = parts->open_journal(); !opened) return opened.error();
    if (auto opened = parts->open_queue(); !opened) return opened.error();
    if (auto opened = parts->open_analysis(); !opened) return opened.error();
    if (auto opened = parts->open_endpoints(); !opened) return opened.error();
    if (auto opened = parts->open_membership(); !opened) return opened.error();
    parts->start_timers();
    return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

void Daemon::run() {
    Parts& parts = *parts_;
    log_info("bgmd is up", {{"posts", parts.config.posts.endpoint}, {"version", std::string(kVersion)}});
    parts.supervisor->start();
    parts.delivery->resume();
    parts.dispatcher->resume();
    parts.loop.run();
    log_info("bgmd is down");
}

}  // namespace bgm
