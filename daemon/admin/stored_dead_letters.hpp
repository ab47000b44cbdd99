// The dead letters of all bgmd that share a queue, in MySQL. Belongs to the loop's thread.
//
// A retry goes through the queue, to the host that its post falls to: message confirmed -> row removed. What
// happens in between can be repeated: of one row it is always the same message (store/retry_id.hpp). Where no
// confirmation comes the row stays.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/admin/dead_letters.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/store/dead_table.hpp"

namespace bgm {

class StoredDeadLetters : public DeadLetters {
 public:
    struct Hooks {
        /// Puts a question to a thread that has a connection.
        std::function<void(std::function<void(MySqlConnection&)>)> ask;
        /// Confirmed; or it cannot be retried (an error that is not `retryable`), or not now.
        std::function<void(StoredDead, std::function<void(const Status&)>)> retry;
    };

    StoredDeadLetters(EventLoop& loop, Hooks hooks) : loop_(loop), hooks_(std::move(hooks)) {}

    void find(std::string tenant, std::string post_id, Done<std::optional<v1::DeadLetter>> done) override;

 protected:
    void page(std::string tenant, std::optional<std::uint64_t> after, std::size_t limit,
              Done<Page> done) override;
    void settle_one(std::string tenant, std::string post_id, bool retry, Done<Settled> done) override;
    void settle_all(std::string tenant, std::optional<std::uint64_t> after, bool retry,
                    Done<Settled> done) override;

 private:
    struct Retrying;
    using RetryingPtr = std::shared_ptr<Retrying>;

    /// `question` runs on the thread, `done` on the loop.
    template <typename Found>
    void ask(std::function<Result<Found>(DeadTable&)> question, Done<Found> done);
    void retry_share(const RetryingPtr& retrying);
    void send(const RetryingPtr& retrying, std::vector<StoredDead> share);
    void sent(const RetryingPtr& retrying, std::vector<StoredDead> confirmed);

    EventLoop& loop_;
    const Hooks hooks_;
};

}  // namespace bgm
