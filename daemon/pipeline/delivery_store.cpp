#include "daemon/pipeline/delivery_store.hpp"

#include <algorithm>

#include "daemon/store/event_table.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"
#include "daemon/store/seed_table.hpp"

namespace bgm {
namespace {

constexpr std::size_t kTrimEvery = 1'000;
// Where a host is cut off in the middle of its transaction, others wait for its locks no longer.
constexpr std::uint32_t kSilentMost_ms = 10'000;

template <typename Messages>
std::uint64_t newest_of(const Messages& messages) {
    std::uint64_t newest = 0;
    for (const auto* message : messages)
        newest = std::max(newest, std::uint64_t{message->event_id()});
    return newest;
}

MySqlOptions delivery_options(const Config& config, bool shared) {
    MySqlOptions options = mysql_options(config);
    if (shared) options.silent_transaction_timeout_ms = kSilentMost_ms;
    return options;
}

class MySqlDeliveryStore : public DeliveryStore {
 public:
    MySqlDeliveryStore(const Config& config, std::optional<HostRun> run)
        : run_(std::move(run)),
          options_(delivery_options(config, run_.has_value())),
          connection_(options_),
          collects_(config.teach.collect),
          seeds_max_(static_cast<std::uint64_t>(config.teach.seeds_max)) {}

    Result<std::vector<std::string>> migrate() override {
        auto applied = bgm::migrate(options_);
        if (!applied) return applied.error();
        std::vector<std::string> names;
        for (MigrationStatus& migration : *applied)
            names.push_back(std::move(migration.name));
        return names;
    }
    Result<std::uint64_t> last_event_id() override { return EventTable(connection_).last_id(); }
    Result<Announced> announce(std::uint64_t above) override {
        announced_ = above;
        return run_ ? hosts_.announce(*run_, above) : Announced{};
    }
    Result<WriteEffects> write(std::span<const v1::Pick* const> picks,
                               std::span<const v1::DeadLetter* const> dead) override {
        std::function<Status()> settle;
        if (run_) {
            settle = [this, newest = std::max(newest_of(picks), newest_of(dead))] {
                return hosts_.settle(*run_, announced_, newest);
            };
        }
        auto written = picks_.write(picks, dead, settle);
        if (written && collects_) trim_seeds(picks.size());
        return written;
    }
    Status reach() override {
        if (Status connected = connection_.connect(); !connected) return connected;
        return connection_.run("DO 0");
    }
    Status remove_dead(const std::string& tenant, const std::string& post_id) override {
        return picks_.remove_dead(tenant, post_id);
    }
    Result<ErasedRows> erase(const ErasureScope& scope) override { return erase_rows(connection_, scope); }

 private:
    // What is too much goes now and then; where that fails, the next time.
    void trim_seeds(std::size_t picks) {
        written_ += picks;
        if (written_ < kTrimEvery) return;
        written_ = 0;
        (void)SeedTable(connection_).trim(seeds_max_);
    }

    const std::optional<HostRun> run_;
    const MySqlOptions options_;
    MySqlConnection connection_;
    PickTable picks_{connection_};
    HostTable hosts_{connection_};
    std::uint64_t announced_ = 0;
    const bool collects_;
    const std::uint64_t seeds_max_;
    std::size_t written_ = kTrimEvery;  // picks since; the first look is at once
};

}  // namespace

std::unique_ptr<DeliveryStore> mysql_delivery_store(const Config& config, std::optional<HostRun> run) {
    if (!config.mysql.enabled()) return nullptr;
    return std::make_unique<MySqlDeliveryStore>(config, std::move(run));
}

}  // namespace bgm
