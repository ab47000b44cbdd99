#include "daemon/admin/admin.hpp"

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/base/clock.hpp"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::string_view kHeader = "BGM1/admin";
constexpr int kMessagesPerRound = 16;
constexpr std::size_t kListMax = 1000;
constexpr std::size_t kSettleMax =
    10'000;  // one operation's share of the journal thread; the rest is asked for again

constexpr std::size_t kErasePage = 2'000;  // rows looked through in one operation

std::string text(const json& request, const char* key, const char* fallback = "") {
    const auto found = request.find(key);
    return found != request.end() && found->is_string() ? found->get<std::string>() : fallback;
}

Error invalid(std::string field, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

v1::DeadLetter dead_letter(const JournalRow& row, bool with_post) {
    v1::DeadLetter dead;
    (void)dead.ParseFromString(row.dead);
    if (with_post && !row.post.empty()) (void)dead.mutable_post()->ParseFromString(row.post);
    return dead;
}

json as_json(const google::protobuf::Message& message) {
    return json::parse(to_json(message));
}

// Whose post a row is, as far as it still holds any of it.
std::string user_of(const JournalRow& row) {
    v1::Post post;
    if (!row.post.empty() && post.ParseFromString(row.post)) return post.user_id();
    v1::Pick pick;
    if (!row.pick.empty() && pick.ParseFromString(row.pick)) return pick.user_id();
    return dead_letter(row, false).post().user_id();
}

}  // namespace

Admin::Admin(EventLoop& loop, Journal& journal, const MediaStore& media, CatalogueSource& catalogue,
             Hooks hooks)
    : loop_(loop), journal_(journal), media_(media), catalogue_(catalogue), hooks_(std::move(hooks)) {}

Result<std::unique_ptr<Admin>> Admin::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                           Journal& journal, const MediaStore& media,
                                           CatalogueSource& catalogue, Hooks hooks) {
    std::unique_ptr<Admin> admin(new Admin(loop, journal, media, catalogue, std::move(hooks)));
    const std::string endpoint =
        config.admin.endpoint.empty() ? "ipc://" + config.runtime_dir + "/admin.sock" : config.admin.endpoint;
    auto socket = Socket::bind(messaging, Socket::Kind::router, endpoint,
                               {.frame_bytes_max = 1 << 20, .owner_only = true});
    if (!socket) return socket.error();
    admin->socket_ = std::move(*socket);
    loop.watch(*admin->socket_, EventLoop::Priority::urgent, [raw = admin.get()] { raw->drain(); });
    return admin;
}

void Admin::drain() {
    Frames frames;
    for (int i = 0; i < kMessagesPerRound && socket_->receive(frames); ++i)
        receive(std::move(frames));
}

void Admin::receive(Frames frames) {
    std::size_t envelope = 1;
    if (frames.size() > 1 && frames[1].size() == 0) envelope = 2;
    auto back = std::make_shared<Frames>();
    for (std::size_t i = 0; i < std::min(envelope, frames.size()); ++i)
        back->push_back(std::move(frames[i]));
    const Reply reply = [this, back](const Result<json>& result) {
        json answer{{"ok", result.ok()}};
        if (result) {
            answer["result"] = *result;
        } else {
            const Error& error = result.error();
            answer["error"] = {
                {"code", name(error.code)}, {"field", error.field}, {"message", error.message}};
        }
        Frames out = std::move(*back);
        out.emplace_back(kHeader);
        out.emplace_back(answer.dump(-1, ' ', false, json::error_handler_t::replace));
        (void)socket_->send(std::move(out));
    };
    if (frames.size() != envelope + 2 || frames[envelope].view() != kHeader) {
        return reply(invalid("header", "must be BGM1/admin, followed by one JSON object"));
    }
    const auto request = json::parse(frames[envelope + 1].view(), nullptr, /*allow_exceptions=*/false);
    if (!request.is_object()) return reply(invalid("request", "is not a JSON object"));
    run(request, reply);
}

void Admin::run(const json& request, Reply reply) {
    const std::map<std::string, std::function<void()>, std::less<>> operations{
        {"status", [&] { reply(hooks_.status()); }},
        {"pick", [&] { pick(request, reply); }},
        {"dead.list", [&] { list_dead(request, reply); }},
        {"dead.show", [&] { show_dead(request, reply); }},
        {"dead.retry", [&] { settle_dead(request, true, reply); }},
        {"dead.drop", [&] { settle_dead(request, false, reply); }},
        {"erase", [&] { erase(request, reply); }},
        {"models.swap", [&] { swap_models(request, reply); }},
        {"catalogue.reload",
         [&] {
             catalogue_.reload([this, reply](const Status& loaded) {
                 if (!loaded) return reply(loaded.error());
                 reply(hooks_.status().at("catalogue"));
             });
         }},
    };
    const auto operation = operations.find(text(request, "op"));
    if (operation == operations.end()) return reply(invalid("op", "is not a known operation"));
    operation->second();
}

// What a person only looks at is not tried again where it cannot be read: until it could be, nothing else
// would be committed.
void Admin::look(Journal::Operation operation, Journal::Done done, const Reply& reply) {
    if (!journal_.submit(Journal::Urgency::intake, 0, std::move(operation), std::move(done)))
        reply(Error{.code = ErrorCode::resource_exhausted, .message = "the journal's queue is full"});
}

void Admin::pick(const json& request, const Reply& reply) {
    const std::string tenant = text(request, "tenant", "default");
    const std::string post_id = text(request, "post_id");
    if (post_id.empty()) return reply(invalid("post_id", "is missing"));
    auto row = std::make_shared<std::optional<JournalRow>>();
    look(
        [row, tenant, post_id](JournalStore& store) -> Status {
            auto found = store.find(tenant, post_id);
            if (!found) return found.error();
            *row = std::move(*found);
            return ok_status();
        },
        [this, row, tenant, post_id, reply](const Status& read) {
            loop_.post([this, row, tenant, post_id, reply, read] {
                if (!read) return reply(read.error());
                json result{{"state", "unknown"}, {"revision", 0}};
                if (*row) {
                    const JournalRow& found = **row;
                    const bool analysing = found.state == PostState::accepted && hooks_.analysing(found.seq);
                    result["state"] = name(analysing ? PostState::analysing : found.state);
                    result["revision"] = found.revision;
                    if (found.state == PostState::dead) result["dead"] = as_json(dead_letter(found, true));
                    v1::Pick stored;
                    if (!found.pick.empty() && stored.ParseFromString(found.pick)) {
                        result["pick"] = as_json(stored);
                        return reply(result);
                    }
                    if (found.state != PostState::delivered) return reply(result);
                }
                // Delivered, or forgotten since: MySQL has it.
                catalogue_.find_pick(tenant, post_id,
                                     [result, reply](const Result<std::optional<v1::Pick>>& pick) mutable {
                                         if (!pick) return reply(pick.error());
                                         if (*pick) {
                                             result["state"] = name(PostState::delivered);
                                             result["revision"] = (*pick)->revision();
                                             result["pick"] = as_json(**pick);
                                         }
                                         reply(result);
                                     });
            });
        },
        reply);
}

void Admin::list_dead(const json& request, const Reply& reply) {
    const std::string tenant = text(request, "tenant");
    const auto after = request.value("after", json(0));
    const auto limit = request.value("limit", json(100));
    if (!after.is_number_integer() || !limit.is_number_unsigned())
        return reply(invalid("limit", "must be a number"));
    const auto count = std::min<std::size_t>(limit.get<std::size_t>(), kListMax);
    auto rows = std::make_shared<std::vector<JournalRow>>();
    look(
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

void Admin::show_dead(const json& request, const Reply& reply) {
    auto row = std::make_shared<std::optional<JournalRow>>();
    look(
        [row, tenant = text(request, "tenant", "default"),
         post_id = text(request, "post_id")](JournalStore& store) -> Status {
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

void Admin::swap_models(const json& request, const Reply& reply) {
    ModelChange change;
    const std::array<std::pair<const char*, std::optional<std::string>*>, 7> fields{
        {{"dir", &change.dir},
         {"image", &change.image},
         {"text", &change.text},
         {"audio", &change.audio},
         {"caption", &change.caption},
         {"prompts_dir", &change.prompts_dir},
         {"heads_dir", &change.heads_dir}}};
    for (const auto& [key, target] : fields) {
        const auto found = request.find(key);
        if (found == request.end()) continue;
        if (!found->is_string()) return reply(invalid(key, "must be a text"));
        *target = found->get<std::string>();
    }
    hooks_.swap_models(change, reply);
}

void Admin::settle_dead(const json& request, bool retry, const Reply& reply) {
    struct Settled {
        std::vector<v1::DeadLetter> dead;
        std::vector<std::string> media;
        std::size_t unusable = 0;
    };
    const bool all = request.value("all", json(false)) == json(true);
    const std::string tenant = text(request, "tenant", all ? "" : "default");
    const std::string post_id = text(request, "post_id");
    if (!all && post_id.empty()) return reply(invalid("post_id", "is missing; or say \"all\": true"));
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
                    hooks_.forget_dead(dead.tenant(), dead.post_id());
                if (retry) hooks_.resume();
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

// Goes through the journal a page at a time, so that acks do not wait: `next` is where to go on. The last
// page is followed by MySQL.
void Admin::erase(const json& request, const Reply& reply) {
    struct Page {
        std::size_t posts = 0;
        std::vector<std::string> media;
        std::int64_t next = 0;  // 0: this was the last
    };
    const ErasureScope scope{.tenant = text(request, "tenant", "default"),
                             .post_id = text(request, "post_id"),
                             .user_id = text(request, "user_id")};
    if (scope.post_id.empty() == scope.user_id.empty())
        return reply(invalid("post_id", "either post_id or user_id must be given"));
    const auto after = request.value("after", json(0));
    if (!after.is_number_integer()) return reply(invalid("after", "must be a number"));
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

void Admin::erase_delivered(const ErasureScope& scope, std::size_t journal_posts, const Reply& reply) {
    hooks_.erase_delivered(scope, [this, scope, journal_posts, reply](const Result<ErasedRows>& erased) {
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
                               {"next", nullptr}});
                });
            });
    });
}

}  // namespace bgm
