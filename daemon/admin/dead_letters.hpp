// Dead letters as an operator sees and settles them, wherever they are kept:
//
//     JournalDeadLetters | in the journal of the one bgmd that has it
//     StoredDeadLetters  | in MySQL, for all bgmd that share a queue
//
// Belongs to the loop's thread, where every answer comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/admin/request.hpp"
#include "daemon/store/dead_table.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class DeadLetters {
 public:
    using Page = DeadPage;
    struct Settled {
        std::size_t count = 0;
        std::size_t skipped = 0;  // cannot be retried; they stay
        std::optional<std::uint64_t> next = {};
    };
    template <typename Found>
    using Done = std::function<void(Result<Found>)>;

    DeadLetters() = default;
    virtual ~DeadLetters() = default;
    DeadLetters(const DeadLetters&) = delete;
    DeadLetters& operator=(const DeadLetters&) = delete;

    // Operations of the admin socket (docs/admin.md).
    void list(const nlohmann::json& request, const AdminReply& reply);
    void show(const nlohmann::json& request, const AdminReply& reply);
    /// `retry`: back to analysis; otherwise dropped for good.
    void settle(const nlohmann::json& request, bool retry, const AdminReply& reply);

    /// One, with its post where that is kept.
    virtual void find(std::string tenant, std::string post_id, Done<std::optional<v1::DeadLetter>> done) = 0;

 protected:
    /// Of one tenant or (empty) of all.
    virtual void page(std::string tenant, std::optional<std::uint64_t> after, std::size_t limit,
                      Done<Page> done) = 0;
    /// `not_found` where it is none, `unsupported` where it cannot be retried.
    virtual void settle_one(std::string tenant, std::string post_id, bool retry, Done<Settled> done) = 0;
    /// A page of all.
    virtual void settle_all(std::string tenant, std::optional<std::uint64_t> after, bool retry,
                            Done<Settled> done) = 0;

    static Error no_dead_letter();
};

}  // namespace bgm
