#include "daemon/pipeline/delivery_store.hpp"

#include "daemon/store/event_table.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"
#include "daemon/store/seed_table.hpp"

namespace bgm {
namespace {

constexpr std::size_t kTrimEvery = 1'000;

class MySqlDeliveryStore : public DeliveryStore {
 public:
    explicit MySqlDeliveryStore(const Config& config)
        : options_(mysql_options(config)),
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
    Result<WriteEffects> write(std::span<const v1::Pick* const> picks,
                               std::span<const v1::DeadLetter* const> dead) override {
        auto written = picks_.write(picks, dead);
        if (written && collects_) trim_seeds(picks.size());
        return written;
    }
    bool reach() override { return connection_.connect().ok(); }
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

    const MySqlOptions options_;
    MySqlConnection connection_;
    PickTable picks_{connection_};
    const bool collects_;
    const std::uint64_t seeds_max_;
    std::size_t written_ = kTrimEvery;  // picks since; the first look is at once
};

}  // namespace

std::unique_ptr<DeliveryStore> mysql_delivery_store(const Config& config) {
    if (!config.mysql.enabled()) return nullptr;
    return std::make_unique<MySqlDeliveryStore>(config);
}

}  // namespace bgm
