#include "daemon/pipeline/taste_learner.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/store/mysql_options.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kLookPeriod{1};
constexpr std::size_t kRebuiltTogether = 100;

}  // namespace

struct TasteLearner::Store {
    explicit Store(const Config& config) : connection(mysql_options(config)) {}
    MySqlConnection connection;
    TasteTable tastes{connection};
};

TasteLearner::TasteLearner(const Config& config, EventLoop& loop, Metrics& metrics, OnChanged on_changed)
    : config_(config),
      loop_(loop),
      metrics_(metrics),
      on_changed_(std::move(on_changed)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

TasteLearner::~TasteLearner() {
    thread_.request_stop();
    thread_.join();
}

void TasteLearner::set_catalogues(std::shared_ptr<const CatalogueSet> catalogues) {
    questions_.push([this, catalogues = std::move(catalogues)](Store&) { catalogues_ = catalogues; });
}

void TasteLearner::wake() {
    // Whatever wakes the thread has it look.
    questions_.push([](Store&) {});
}

void TasteLearner::rebuild(ListenerKey listener, std::string after,
                           std::function<void(Result<Rebuilt>)> done) {
    questions_.push([this, listener = std::move(listener), after = std::move(after),
                     done = std::move(done)](Store& store) {
        loop_.post([done, rebuilt = rebuild_some(store, listener, after)] { done(rebuilt); });
    });
}

void TasteLearner::show(ListenerKey listener, std::function<void(Result<StoredListener>)> done) {
    questions_.push([this, listener = std::move(listener), done = std::move(done)](Store& store) {
        auto found = store.tastes.read(listener.tenant, {&listener.user_id, 1},
                                       now_ms() - config_.matching.repeat_after_s * 1000);
        Result<StoredListener> shown =
            found ? Result<StoredListener>(std::move(found->front())) : Result<StoredListener>(found.error());
        loop_.post([done, shown = std::move(shown)] { done(shown); });
    });
}

Result<TasteLearner::Rebuilt> TasteLearner::rebuild_some(Store& store, const ListenerKey& listener,
                                                         const std::string& after) {
    if (!catalogues_)
        return Error{.code = ErrorCode::unavailable, .message = "the catalogue is not loaded yet"};
    const auto catalogue_of = [this](const std::string& tenant) { return &catalogues_->serving(tenant); };
    std::vector<std::string> users{listener.user_id};
    Rebuilt rebuilt;
    if (listener.user_id.empty()) {
        auto found = store.tastes.listeners(listener.tenant, after, kRebuiltTogether);
        if (!found) return found.error();
        users = *std::move(found);
        if (users.size() == kRebuiltTogether) rebuilt.next = users.back();
    }
    std::vector<ListenerKey> changed;
    for (const std::string& user : users) {
        changed.push_back({listener.tenant, user});
        const auto known = store.tastes.rebuild(changed.back(), catalogue_of);
        if (!known) return known.error();
        rebuilt.listeners += *known ? 1 : 0;
    }
    loop_.post([this, changed = std::move(changed)] { on_changed_(changed); });
    return rebuilt;
}

void TasteLearner::learn_all(Store& store, const std::stop_token& stop) {
    const auto catalogue_of = [this](const std::string& tenant) { return &catalogues_->serving(tenant); };
    while (catalogues_ && !stop.stop_requested()) {
        auto learnt = store.tastes.learn(catalogue_of, now_ms());
        if (!learnt) {
            // At the first start the tables may still be in the making.
            if (!std::exchange(failing_, true))
                log_warn("feedback waits to be learnt", {{"error", learnt.error().to_string()}});
            return;
        }
        failing_ = false;
        if (learnt->counted + learnt->nothing == 0) return;
        metrics_.count_learnt(learnt->counted, learnt->nothing);
        loop_.post([this, listeners = std::move(learnt->listeners)] { on_changed_(listeners); });
    }
}

void TasteLearner::run(const std::stop_token& stop) {
    name_this_thread("taste");
    Store store(config_);
    while (!stop.stop_requested()) {
        if (const auto question = questions_.next(stop, std::chrono::steady_clock::now() + kLookPeriod))
            (*question)(store);
        learn_all(store, stop);
    }
}

}  // namespace bgm
