// MySQL as delivery needs it: tests play it. Belongs to delivery's thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/store/erasure.hpp"
#include "daemon/store/host_table.hpp"
#include "daemon/store/write_effects.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class DeliveryStore {
 public:
    DeliveryStore() = default;
    virtual ~DeliveryStore() = default;
    DeliveryStore(const DeliveryStore&) = delete;
    DeliveryStore& operator=(const DeliveryStore&) = delete;

    /// Makes or completes the tables. The names of the migrations that were applied.
    virtual Result<std::vector<std::string>> migrate() = 0;
    /// The largest id of an event that it holds.
    virtual Result<std::uint64_t> last_event_id() = 0;
    /// Announces to other hosts the ids of the next write(): see HostTable.
    virtual Result<Announced> announce(std::uint64_t above) = 0;
    /// One transaction, all of it or nothing; the same again leaves the same rows.
    virtual Result<WriteEffects> write(std::span<const v1::Pick* const> picks,
                                       std::span<const v1::DeadLetter* const> dead) = 0;
    /// Does it answer, now?
    virtual Status reach() = 0;
    /// Succeeds where there is no such row.
    virtual Status remove_dead(const std::string& tenant, const std::string& post_id) = 0;
    virtual Result<ErasedRows> erase(const ErasureScope& scope) = 0;
};

/// Null where the configuration names no MySQL. `run`: this host among those that write to it, where there
/// may be others.
std::unique_ptr<DeliveryStore> mysql_delivery_store(const Config& config, std::optional<HostRun> run);

}  // namespace bgm
