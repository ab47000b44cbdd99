#include "daemon/admin/post_erasure.hpp"

#include <memory>
#include <vector>

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::size_t kErasePage = 2'000;  // rows looked through in one operation

// Whose post a row is, as far as it still holds any of it.
std::string user_of(const JournalRow& row) {
    v1::Post post;
    if (!row.post.empty() && post.ParseFromString(row.post)) return post.user_id();
    v1::Pick pick;
    if (!row.pick.empty() && pick.ParseFromString(row.pick)) return pick.user_id();
    return dead_letter(row, false).post().user_id();
}

}  // namespace

// Goes through the journal a page at a time, so that acks do not wait: `next` is where to go on. The last
// page is followed by MySQL.
void PostErasure::erase(const json& request, const AdminReply& reply) {
    struct Page {
        std::size_t posts = 0;
        std::vector<std::string> media;
        std::int64_t next = 0;  // 0: this was the last
    };
    const ErasureScope scope{.tenant = request_text(request, "tenant", "default"),
                             .post_id = request_text(request, "post_id"),
                             .user_id = request_text(request, "user_id")};
    if (scope.post_id.empty() == scope.user_id.empty())
        return reply(invalid_request("post_id", "either post_id or user_id must be given"));
    const auto after = request.value("after", json(0));
    if (!after.is_number_integer()) return reply(invalid_request("after", "must be a number"));
    auto page = std::make_shared<Page>();
    (void)journal_.submit(
        Journal::Urgency::internal, 0,
        [page, scope, after = after.get<std::int64_t>()](JournalStore& store) -> Status {
            *page = {};
            std::vector<JournalRow> rows;
            if (!scope.post_id.empty()) {
                auto found = store.find(scope.tenant, scope.post_id);
                if (!found) return found.error();
                if (*found) rows.push_back(std::move(**found));
            } else {
                auto found = store.rows_of(scope.tenant, after, kErasePage);
                if (!found) return found.error();
                rows = std::move(*found);
                if (rows.size() == kErasePage) page->next = rows.back().seq;
                std::erase_if(rows, [&](const JournalRow& row) { return user_of(row) != scope.user_id; });
            }
            for (const JournalRow& row : rows) {
                if (const Status erased = store.erase(row.seq); !erased) return erased;
                ++page->posts;
                if (!row.media.empty()) page->media.push_back(row.media);
            }
            return ok_status();
        },
        [this, page, scope, reply](const Status& done) {
            loop_.post([this, page, scope, reply, done] {
                if (!done) return reply(done.error());
                for (const std::string& folder : page->media)
                    media_.erase(folder);
                if (page->next != 0) return reply(json{{"journal_posts", page->posts}, {"next", page->next}});
                erase_delivered(scope, page->posts, reply);
            });
        });
}

void PostErasure::erase_delivered(const ErasureScope& scope, std::size_t journal_posts,
                                  const AdminReply& reply) {
    delivered_(scope, [this, scope, journal_posts, reply](const Result<ErasedRows>& erased) {
        if (!erased) return reply(erased.error());
        auto posts = std::make_shared<std::size_t>(0);
        // The journal remembers that it delivered them, by id and digest: that goes, too. One that is in any
        // other state has come again since.
        (void)journal_.submit(
            Journal::Urgency::internal, 0,
            [posts, scope, post_ids = erased->post_ids](JournalStore& store) -> Status {
                *posts = 0;
                for (const std::string& post_id : post_ids) {
                    auto row = store.find(scope.tenant, post_id);
                    if (!row) return row.error();
                    if (!*row || (*row)->state != PostState::delivered) continue;
                    if (const Status gone = store.erase((*row)->seq); !gone) return gone;
                    ++*posts;
                }
                return ok_status();
            },
            [this, posts, journal_posts, rows = *erased, reply](const Status& done) {
                loop_.post([posts, journal_posts, rows, reply, done] {
                    if (!done) return reply(done.error());
                    reply(json{{"journal_posts", journal_posts + *posts},
                               {"picks", rows.picks},
                               {"pick_tracks", rows.pick_tracks},
                               {"dead_posts", rows.dead_posts},
                               {"feedback", rows.feedback},
                               {"tastes", rows.tastes},
                               {"seeds", rows.seeds},
                               {"next", nullptr}});
                });
            });
    });
}

}  // namespace bgm
