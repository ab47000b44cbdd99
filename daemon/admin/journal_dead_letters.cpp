#include "daemon/admin/journal_dead_letters.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/base/clock.hpp"

namespace bgm {
namespace {

constexpr std::size_t kSettleMax =
    10'000;  // one operation's share of the journal thread; the rest is asked for again

std::int64_t seq_of(const std::optional<std::uint64_t>& after) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(after.value_or(0), INT64_MAX));
}

std::optional<std::uint64_t> next_of(const std::vector<JournalRow>& rows, std::size_t limit) {
    if (limit == 0 || rows.size() < limit) return std::nullopt;
    return static_cast<std::uint64_t>(rows.back().seq);
}

}  // namespace

// What one operation settles.
struct JournalDeadLetters::Share {
    std::vector<JournalRow> rows;
    std::optional<std::uint64_t> next;
    std::vector<v1::DeadLetter> settled;
    std::vector<std::string> media;
    std::size_t unusable = 0;
};

void JournalDeadLetters::page(std::string tenant, std::optional<std::uint64_t> after, std::size_t limit,
                              Done<Page> done) {
    auto rows = std::make_shared<std::vector<JournalRow>>();
    look(
        journal_,
        [rows, tenant = std::move(tenant), after, limit](JournalStore& store) -> Status {
            auto found = store.dead(tenant, seq_of(after), limit);
            if (!found) return found.error();
            *rows = std::move(*found);
            return ok_status();
        },
        [&loop = loop_, rows, limit, done](const Status& read) {
            loop.post([rows, limit, done, read] {
                if (!read) return done(read.error());
                Page page{.letters = {}, .next = next_of(*rows, limit)};
                for (const JournalRow& row : *rows)
                    page.letters.push_back(dead_letter(row, false));
                done(std::move(page));
            });
        },
        [done](const Result<nlohmann::json>& refused) { done(refused.error()); });
}

void JournalDeadLetters::find(std::string tenant, std::string post_id,
                              Done<std::optional<v1::DeadLetter>> done) {
    auto letter = std::make_shared<std::optional<v1::DeadLetter>>();
    look(
        journal_,
        [letter, tenant = std::move(tenant), post_id = std::move(post_id)](JournalStore& store) -> Status {
            auto found = store.find(tenant, post_id);
            if (!found) return found.error();
            if (*found && (*found)->state == PostState::dead) *letter = dead_letter(**found, true);
            return ok_status();
        },
        [&loop = loop_, letter, done](const Status& read) {
            loop.post([letter, done, read] {
                if (!read) return done(read.error());
                done(std::move(*letter));
            });
        },
        [done](const Result<nlohmann::json>& refused) { done(refused.error()); });
}

void JournalDeadLetters::settle_one(std::string tenant, std::string post_id, bool retry, Done<Settled> done) {
    settle_found(
        [tenant = std::move(tenant), post_id = std::move(post_id)](JournalStore& store,
                                                                   Share& share) -> Status {
            auto found = store.find(tenant, post_id);
            if (!found) return found.error();
            if (*found && (*found)->state == PostState::dead) share.rows.push_back(std::move(**found));
            return ok_status();
        },
        retry,
        [done = std::move(done)](const Result<Share>& share) {
            if (!share) return done(share.error());
            if (share->unusable > 0)
                return done(Error{.code = ErrorCode::unsupported,
                                  .message = "the post itself is not kept any more: send it again",
                                  .field = "post_id"});
            if (share->settled.empty()) return done(no_dead_letter());
            done(Settled{.count = share->settled.size()});
        });
}

void JournalDeadLetters::settle_all(std::string tenant, std::optional<std::uint64_t> after, bool retry,
                                    Done<Settled> done) {
    settle_found(
        [tenant = std::move(tenant), after](JournalStore& store, Share& share) -> Status {
            auto found = store.dead(tenant, seq_of(after), kSettleMax);
            if (!found) return found.error();
            share.next = next_of(*found, kSettleMax);
            share.rows = std::move(*found);
            return ok_status();
        },
        retry,
        [done = std::move(done)](const Result<Share>& share) {
            if (!share) return done(share.error());
            done(Settled{.count = share->settled.size(), .skipped = share->unusable, .next = share->next});
        });
}

void JournalDeadLetters::settle_found(Find find, bool retry, Done<Share> done) {
    auto share = std::make_shared<Share>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [share, find = std::move(find), retry](JournalStore& store) -> Status {
            *share = {};
            if (Status found = find(store, *share); !found) return found;
            for (const JournalRow& row : share->rows) {
                if (retry && row.post.empty()) {  // MySQL refused its pick: the post itself is erased by then
                    ++share->unusable;
                    continue;
                }
                const Status settled = retry ? store.retry_dead(row.seq, now_ms()) : store.erase(row.seq);
                if (!settled) return settled;
                share->settled.push_back(dead_letter(row, false));
                if (!retry) share->media.push_back(row.media);
            }
            share->rows.clear();
            return ok_status();
        },
        [this, &loop = loop_, share, retry, done = std::move(done)](const Status& committed) {
            loop.post([this, share, retry, done, committed] {
                if (!committed) return done(committed.error());
                for (const std::string& folder : share->media)
                    media_.erase(folder);
                for (const v1::DeadLetter& dead : share->settled)
                    forget_(dead.tenant(), dead.post_id());
                if (retry) resume_();
                done(std::move(*share));
            });
        });
}

}  // namespace bgm
