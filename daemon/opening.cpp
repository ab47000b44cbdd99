#include "daemon/parts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "daemon/base/log.hpp"
#include "daemon/cluster/host_status.hpp"
#include "daemon/cluster/shares.hpp"
#include "daemon/data_folder.hpp"
#include "daemon/journal_opening.hpp"
#include "daemon/pipeline/analysts.hpp"
#include "daemon/queue/local_queue.hpp"
#include "daemon/store/mysql_options.hpp"

namespace bgm {

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
    revocations = std::make_unique<Revocations>(mysql_options(config), loop);
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
                         .revoke =
                             [this](std::string message, std::function<void()> done) {
                                 revocations->revoke(std::move(message), std::move(done));
                             },
                         .find_ineffective =
                             [this](std::vector<PostMessage> messages, Revocations::OnFound done) {
                                 revocations->find(std::move(messages), std::move(done));
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

}  // namespace bgm
