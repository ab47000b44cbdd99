#include "daemon/parts.hpp"

#include <nlohmann/json.hpp>

#include "daemon/head_requests.hpp"
#include "daemon/search_requests.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/taste_requests.hpp"

namespace bgm {

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
             .hosts = [this] { return membership ? membership->seen() : HostsSeen{}; }}),
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

}  // namespace bgm
