#include "daemon/admin/dead_letters.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/base/clock.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kListMax = 1000;
constexpr std::size_t kSettleMax =
    10'000;  // one operation's share of the journal thread; the rest is asked for again

}  // namespace

void DeadLetters::list(const json& request, const AdminReply& reply) {
    const std::string tenant = request_text(request, "tenant");
    const auto after = request.value("after", json(0));
    const auto limit = request.value("limit", json(100U));
    if (!after.is_number_integer()) return reply(invalid_request("after", "must be a number"));
    if (!limit.is_number_unsigned()) return reply(invalid_request("limit", "must be a number"));
    const auto count = std::min<std::size_t>(limit.get<std::size_t>(), kListMax);
    auto rows = std::make_shared<std::vector<JournalRow>>();
    look(
        journal_,
        [rows, tenant, after = after.get<std::int64_t>(), count](JournalStore& store) -> Status {
            auto found = store.dead(tenant, after, count);
            if (!found) return found.error();
            *rows = std::move(*found);
            return ok_status();
        },
        [this, rows, count, reply](const Status& read) {
            loop_.post([rows, count, reply, read] {
                if (!read) return reply(read.error());
                json result{{"items", json::array()}, {"next", nullptr}};
                for (const JournalRow& row : *rows)
                    result["items"].push_back(as_json(dead_letter(row, false)));
                if (rows->size() == count && count > 0) result["next"] = rows->back().seq;
                reply(result);
            });
        },
        reply);
}

void DeadLetters::show(const json& request, const AdminReply& reply) {
    auto row = std::make_shared<std::optional<JournalRow>>();
    look(
        journal_,
        [row, tenant = request_text(request, "tenant", "default"),
         post_id = request_text(request, "post_id")](JournalStore& store) -> Status {
            auto found = store.find(tenant, post_id);
            if (!found) return found.error();
            *row = std::move(*found);
            return ok_status();
        },
        [this, row, reply](const Status& read) {
            loop_.post([row, reply, read] {
                if (!read) return reply(read.error());
                if (!*row || (*row)->state != PostState::dead) {
                    return reply(Error{
                        .code = ErrorCode::not_found, .message = "is not a dead letter", .field = "post_id"});
                }
                reply(as_json(dead_letter(**row, true)));
            });
        },
        reply);
}

void DeadLetters::settle(const json& request, bool retry, const AdminReply& reply) {
    struct Settled {
        std::vector<v1::DeadLetter> dead;
        std::vector<std::string> media;
        std::size_t unusable = 0;
    };
    const bool all = request.value("all", json(false)) == json(true);
    const std::string tenant = request_text(request, "tenant", all ? "" : "default");
    const std::string post_id = request_text(request, "post_id");
    if (!all && post_id.empty()) return reply(invalid_request("post_id", "is missing; or say \"all\": true"));
    auto settled = std::make_shared<Settled>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [settled, all, tenant, post_id, retry](JournalStore& store) -> Status {
            *settled = {};
            std::vector<JournalRow> rows;
            if (all) {
                auto found = store.dead(tenant, 0, kSettleMax);
                if (!found) return found.error();
                rows = std::move(*found);
            } else {
                auto found = store.find(tenant, post_id);
                if (!found) return found.error();
                if (*found && (*found)->state == PostState::dead) rows.push_back(std::move(**found));
            }
            for (JournalRow& row : rows) {
                if (retry && row.post.empty()) {  // MySQL refused its pick: the post itself is erased by then
                    ++settled->unusable;
                    continue;
                }
                const Status done = retry ? store.retry_dead(row.seq, now_ms()) : store.erase(row.seq);
                if (!done) return done;
                settled->dead.push_back(dead_letter(row, false));
                if (!retry) settled->media.push_back(row.media);
            }
            return ok_status();
        },
        [this, settled, all, retry, reply](const Status& done) {
            loop_.post([this, settled, all, retry, reply, done] {
                if (!done) return reply(done.error());
                for (const std::string& folder : settled->media)
                    media_.erase(folder);
                for (const v1::DeadLetter& dead : settled->dead)
                    forget_(dead.tenant(), dead.post_id());
                if (retry) resume_();
                if (settled->dead.empty() && !all) {
                    return reply(settled->unusable > 0
                                     ? Error{.code = ErrorCode::unsupported,
                                             .message = "the post itself is not kept any more: send it again",
                                             .field = "post_id"}
                                     : Error{.code = ErrorCode::not_found,
                                             .message = "is not a dead letter",
                                             .field = "post_id"});
                }
                reply(json{{"count", settled->dead.size()}});
            });
        });
}

}  // namespace bgm
