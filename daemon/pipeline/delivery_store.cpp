#include "daemon/pipeline/delivery_store.hpp"

#include "daemon/store/event_table.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"

namespace bgm {
namespace {

class MySqlDeliveryStore : public DeliveryStore {
 public:
    explicit MySqlDeliveryStore(const Config& config)
        : options_(mysql_options(config)), connection_(options_) {}

    Result<std::vector<std::string>> migrate() override {
        auto applied = bgm::migrate(options_);
        if (!applied) return applied.error();
        std::vector<std::string> names;
        for (MigrationStatus& migration : *applied)
            names.push_back(std::move(migration.name));
        return names;
    }
    Result<std::uint64_t> last_event_id() override { return EventTable(connection_).last_id(); }
    Status write(std::span<const v1::Pick* const> picks,
                 std::span<const v1::DeadLetter* const> dead) override {
        return picks_.write(picks, dead);
    }
    bool reach() override { return connection_.connect().ok(); }
    Status remove_dead(const std::string& tenant, const std::string& post_id) override {
        return picks_.remove_dead(tenant, post_id);
    }
    Result<ErasedRows> erase(const ErasureScope& scope) override { return erase_rows(connection_, scope); }

 private:
    const MySqlOptions options_;
    MySqlConnection connection_;
    PickTable picks_{connection_};
};

}  // namespace

std::unique_ptr<DeliveryStore> mysql_delivery_store(const Config& config) {
    if (!config.mysql.enabled()) return nullptr;
    return std::make_unique<MySqlDeliveryStore>(config);
}

}  // namespace bgm
