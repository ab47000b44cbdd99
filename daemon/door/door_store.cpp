#include "daemon/door/door_store.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/store/feedback_table.hpp"
#include "daemon/store/key_table.hpp"
#include "daemon/store/mysql_options.hpp"

namespace bgm {
namespace {

constexpr std::chrono::seconds kKeysPeriod{1};

}  // namespace

struct DoorStore::Tables {
    explicit Tables(const Config& config)
        : connection(mysql_options(config)),
          events(connection,
                 config.queue.shared() ? EventTable::Writers::several : EventTable::Writers::one) {}
    MySqlConnection connection;
    KeyTable keys{connection};
    FeedbackTable feedback{connection};
    EventTable events;
};

DoorStore::DoorStore(const Config& config, EventLoop& loop, OnKeys on_keys)
    : config_(config),
      loop_(loop),
      on_keys_(std::move(on_keys)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

DoorStore::~DoorStore() {
    thread_.request_stop();
    thread_.join();
}

KeyHome DoorStore::key_home() {
    if (!config_.mysql.enabled()) return {};
    return {.insert =
                [this](ApiKey key, std::function<void(Status)> done) {
                    questions_.push([this, key = std::move(key), done = std::move(done)](Tables& tables) {
                        loop_.post([done, inserted = tables.keys.insert(key)] { done(inserted); });
                        // Deleted before the next look, it would leave the table as the last one saw it, and
                        // the ring would keep it.
                        keys_version_.clear();
                    });
                },
            .revoke =
                [this](std::string key_id, std::int64_t now_ms, std::function<void(Result<bool>)> done) {
                    questions_.push([this, key_id = std::move(key_id), now_ms,
                                     done = std::move(done)](Tables& tables) {
                        loop_.post([done, revoked = tables.keys.revoke(key_id, now_ms)] { done(revoked); });
                        refresh_keys(tables);
                    });
                }};
}

void DoorStore::aside(std::function<void()> work) {
    questions_.push([work = std::move(work)](Tables&) { work(); });
}

void DoorStore::insert(std::vector<v1::Feedback> feedback, std::function<void(Result<std::uint64_t>)> done) {
    questions_.push([this, feedback = std::move(feedback), done = std::move(done)](Tables& tables) {
        loop_.post([done, inserted = tables.feedback.insert(feedback, now_ms())] { done(inserted); });
    });
}

void DoorStore::events(std::string tenant, std::uint64_t after, std::size_t limit,
                       std::function<void(Result<EventPage>)> done) {
    questions_.push([this, tenant = std::move(tenant), after, limit, done = std::move(done)](Tables& tables) {
        loop_.post([done, page = tables.events.page(tenant, after, limit)] { done(page); });
    });
}

void DoorStore::ask(std::function<void(MySqlConnection&)> question) {
    questions_.push([question = std::move(question)](Tables& tables) { question(tables.connection); });
}

void DoorStore::refresh_keys(Tables& tables) {
    const auto version = tables.keys.version();
    auto keys = version && *version != keys_version_ ? tables.keys.all() : std::vector<ApiKey>();
    if (!version || !keys) {
        // At the first start the tables may still be in the making.
        if (++failures_ == 2)
            log_warn("keys cannot be read from MySQL; the last known ones hold",
                     {{"error", (version ? keys.error() : version.error()).to_string()}});
        return;
    }
    failures_ = 0;
    if (*version == keys_version_) return;
    keys_version_ = *version;
    loop_.post([this, keys = *std::move(keys)] { on_keys_(keys); });
}

void DoorStore::run(const std::stop_token& stop) {
    name_this_thread("door");
    Tables tables(config_);
    auto due = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        if (std::chrono::steady_clock::now() >= due) {
            if (config_.mysql.enabled()) refresh_keys(tables);
            due = std::chrono::steady_clock::now() + kKeysPeriod;
        }
        if (const auto question = questions_.next(stop, due)) (*question)(tables);
    }
}

}  // namespace bgm
