#include "daemon/admin/stored_dead_letters.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace bgm {
namespace {

constexpr std::size_t kSettleMax = 1'000;    // the thread has other questions to answer
constexpr std::size_t kRetriedTogether = 8;  // posts in memory

}  // namespace

// A page of letters on their way to the queue, a share at a time.
struct StoredDeadLetters::Retrying {
    std::vector<v1::DeadLetter> left;  // the next one last
    Settled settled = {};
    std::optional<Error> skipped = {};  // why the last one that cannot be retried cannot
    std::optional<Error> failed = {};
    Done<Settled> done;
};

// What the table says is no mistake of whoever asks.
template <typename Found>
void StoredDeadLetters::ask(std::function<Result<Found>(DeadTable&)> question, Done<Found> done) {
    hooks_.ask(
        [&loop = loop_, question = std::move(question), done = std::move(done)](MySqlConnection& connection) {
            DeadTable table(connection);
            auto found = std::make_shared<Result<Found>>(question(table));
            if (!*found) *found = of_the_store(found->error());
            loop.post([found, done] { done(std::move(*found)); });
        });
}

void StoredDeadLetters::page(std::string tenant, std::optional<std::uint64_t> after, std::size_t limit,
                             Done<Page> done) {
    ask<Page>([tenant = std::move(tenant), after,
               limit](DeadTable& table) { return table.page(tenant, after, limit); },
              std::move(done));
}

void StoredDeadLetters::find(std::string tenant, std::string post_id,
                             Done<std::optional<v1::DeadLetter>> done) {
    using Found = std::optional<v1::DeadLetter>;
    ask<Found>(
        [tenant = std::move(tenant), post_id = std::move(post_id)](DeadTable& table) -> Result<Found> {
            auto found = table.find(tenant, post_id);
            if (!found) return found.error();
            return *found ? Found(std::move((*found)->letter)) : Found();
        },
        std::move(done));
}

void StoredDeadLetters::settle_one(std::string tenant, std::string post_id, bool retry, Done<Settled> done) {
    v1::DeadLetter letter;
    letter.set_tenant(std::move(tenant));
    letter.set_post_id(std::move(post_id));
    if (retry) {
        auto retrying = std::make_shared<Retrying>();
        retrying->left.push_back(std::move(letter));
        retrying->done = [raw = retrying.get(), done = std::move(done)](Result<Settled> settled) {
            if (settled && raw->skipped) return done(*raw->skipped);
            if (settled && settled->count == 0) return done(no_dead_letter());
            done(std::move(settled));
        };
        return retry_share(retrying);
    }
    ask<Settled>(
        [letter = std::move(letter)](DeadTable& table) -> Result<Settled> {
            auto dropped = table.drop({&letter, 1});
            if (!dropped) return dropped.error();
            return Settled{.count = *dropped};
        },
        [done = std::move(done)](Result<Settled> settled) {
            if (settled && settled->count == 0) return done(no_dead_letter());
            done(std::move(settled));
        });
}

void StoredDeadLetters::settle_all(std::string tenant, std::optional<std::uint64_t> after, bool retry,
                                   Done<Settled> done) {
    if (!retry) {
        return ask<Settled>(
            [tenant = std::move(tenant), after](DeadTable& table) -> Result<Settled> {
                auto page = table.page(tenant, after, kSettleMax);
                if (!page) return page.error();
                auto dropped = table.drop(page->letters);
                if (!dropped) return dropped.error();
                return Settled{.count = *dropped, .next = page->next};
            },
            std::move(done));
    }
    ask<Page>([tenant = std::move(tenant),
               after](DeadTable& table) { return table.page(tenant, after, kSettleMax); },
              [this, done = std::move(done)](Result<Page> page) {
                  if (!page) return done(page.error());
                  auto retrying = std::make_shared<Retrying>();
                  retrying->left = std::move(page->letters);
                  std::ranges::reverse(retrying->left);
                  retrying->settled.next = page->next;
                  retrying->done = done;
                  retry_share(retrying);
              });
}

void StoredDeadLetters::retry_share(const RetryingPtr& retrying) {
    if (retrying->failed) return retrying->done(*retrying->failed);
    if (retrying->left.empty()) return retrying->done(retrying->settled);
    std::vector<v1::DeadLetter> letters;
    while (letters.size() < kRetriedTogether && !retrying->left.empty()) {
        letters.push_back(std::move(retrying->left.back()));
        retrying->left.pop_back();
    }
    using Share = std::vector<StoredDead>;
    ask<Share>(
        [letters = std::move(letters)](DeadTable& table) -> Result<Share> {
            Share share;
            for (const v1::DeadLetter& letter : letters) {
                auto found = table.find(letter.tenant(), letter.post_id());
                if (!found) return found.error();
                if (*found) share.push_back(std::move(**found));
            }
            return share;
        },
        [this, retrying](Result<Share> share) {
            if (!share) return retrying->done(share.error());
            send(retrying, std::move(*share));
        });
}

void StoredDeadLetters::send(const RetryingPtr& retrying, std::vector<StoredDead> share) {
    if (share.empty()) return retry_share(retrying);
    struct Sent {
        std::vector<StoredDead> confirmed;
        std::size_t open;
    };
    auto sent = std::make_shared<Sent>(Sent{.confirmed = {}, .open = share.size()});
    for (StoredDead& dead : share) {
        StoredDead row = dead;
        row.letter.clear_post();
        hooks_.retry(std::move(dead), [this, retrying, sent, row = std::move(row)](const Status& confirmed) {
            if (confirmed) {
                sent->confirmed.push_back(row);
            } else if (retryable(confirmed.error().code)) {
                retrying->failed = confirmed.error();
            } else {
                ++retrying->settled.skipped;
                retrying->skipped = confirmed.error();
            }
            if (--sent->open == 0) this->sent(retrying, std::move(sent->confirmed));
        });
    }
}

void StoredDeadLetters::sent(const RetryingPtr& retrying, std::vector<StoredDead> confirmed) {
    const std::size_t count = confirmed.size();
    ask<bool>(
        [confirmed = std::move(confirmed)](DeadTable& table) -> Result<bool> {
            const Status removed = table.remove_retried(confirmed);
            return removed ? Result<bool>(true) : removed.error();
        },
        [this, retrying, count](const Result<bool>& removed) {
            if (!removed) return retrying->done(removed.error());
            retrying->settled.count += count;
            retry_share(retrying);
        });
}

}  // namespace bgm
