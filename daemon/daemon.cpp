#include "daemon/parts.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/admin/status.hpp"
#include "daemon/base/log.hpp"
#include "daemon/fleet/model_files.hpp"
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

}  // namespace

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
    // What a shared queue has not confirmed may come all the same, and is revoked before its sender is told.
    const bool revokes = shared_queue != nullptr && admission->pending() > 0;
    const auto until = drain_until + std::chrono::milliseconds(revokes ? config.queue.confirm_timeout_ms : 0);
    if (!drained && EventLoop::Clock::now() < until) return;
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
