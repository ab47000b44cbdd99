// The dead letters of this bgmd's journal, where they lie with their media. Belongs to the loop's thread.
#pragma once

#include <functional>
#include <string>

#include "daemon/admin/dead_letters.hpp"
#include "daemon/base/event_loop.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/journal/media_store.hpp"

namespace bgm {

class JournalDeadLetters : public DeadLetters {
 public:
    /// `forget`: the row in MySQL goes. `resume`: posts wait in the journal again.
    JournalDeadLetters(EventLoop& loop, Journal& journal, const MediaStore& media,
                       std::function<void(std::string tenant, std::string post_id)> forget,
                       std::function<void()> resume)
        : loop_(loop),
          journal_(journal),
          media_(media),
          forget_(std::move(forget)),
          resume_(std::move(resume)) {}

    void find(std::string tenant, std::string post_id, Done<std::optional<v1::DeadLetter>> done) override;

 protected:
    void page(std::string tenant, std::optional<std::uint64_t> after, std::size_t limit,
              Done<Page> done) override;
    void settle_one(std::string tenant, std::string post_id, bool retry, Done<Settled> done) override;
    void settle_all(std::string tenant, std::optional<std::uint64_t> after, bool retry,
                    Done<Settled> done) override;

 private:
    struct Share;
    using Find = std::function<Status(JournalStore&, Share&)>;

    void settle_found(Find find, bool retry, Done<Share> done);

    EventLoop& loop_;
    Journal& journal_;
    const MediaStore& media_;
    const std::function<void(std::string tenant, std::string post_id)> forget_;
    const std::function<void()> resume_;
};

}  // namespace bgm
