#include "daemon/door/door.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "daemon/base/clock.hpp"
#include "daemon/door/feedback_items.hpp"
#include "daemon/door/track_list.hpp"
#include "daemon/gateway_sockets.hpp"
#include "fusion/recommend/track_search.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr const char* kHeader = "BGM1/door";

// Whoever holds a key is no user of this host: its folders, and what MySQL says, are none of his business.
json without_the_host(json status) {
    if (const auto mysql = status.find("mysql"); mysql != status.end()) {
        mysql->erase("error");
        mysql->erase("replicas");
    }
    if (const auto workers = status.find("workers"); workers != status.end()) {
        for (json& worker : *workers) {
            const std::string end = request_text(worker, "last_end");
            worker["last_end"] = end.substr(end.rfind('/') + 1);
        }
    }
    json& models = status["models"];
    for (const char* folder : {"dir", "heads_dir", "packages_dir", "prompts_dir", "reading_dir"})
        models.erase(folder);
    for (const char* model : {"image", "text", "audio", "caption"}) {
        if (!models.contains(model)) continue;
        const std::string path = request_text(models, model);
        models[model] = path.substr(path.rfind('/') + 1);
    }
    return status;
}

template <typename Found>
auto told_of_the_store(std::function<void(Result<Found>)> done) {
    return [done = std::move(done)](Result<Found> found) {
        if (!found) return done(of_the_store(found.error()));
        done(std::move(found));
    };
}

Door::Hooks with_errors_of_the_store(Door::Hooks hooks) {
    if (hooks.posts.find_pick)
        hooks.posts.find_pick = [find = std::move(hooks.posts.find_pick)](
                                    std::string tenant, std::string post_id, std::uint32_t revision_min,
                                    PostLookup::OnPick done) {
            find(std::move(tenant), std::move(post_id), revision_min, told_of_the_store(std::move(done)));
        };
    if (hooks.erase_delivered)
        hooks.erase_delivered = [erase = std::move(hooks.erase_delivered)](
                                    ErasureScope scope, std::function<void(Result<ErasedRows>)> done) {
            erase(std::move(scope), told_of_the_store(std::move(done)));
        };
    if (hooks.find_events)
        hooks.find_events = [find = std::move(hooks.find_events)](
                                std::string tenant, std::uint64_t after, std::size_t limit,
                                std::function<void(Result<EventPage>)> done) {
            find(std::move(tenant), after, limit, told_of_the_store(std::move(done)));
        };
    if (hooks.insert_feedback)
        hooks.insert_feedback = [insert = std::move(hooks.insert_feedback)](
                                    std::vector<v1::Feedback> feedback,
                                    std::function<void(Result<std::uint64_t>)> done) {
            insert(std::move(feedback), [done = std::move(done)](Result<std::uint64_t> stored) {
                if (stored) return done(std::move(stored));
                Error error = stored.error();
                // One of the events cannot be; whoever sent it knows it by its place in `items`.
                constexpr std::string_view kStores = "feedback[";
                if (error.code != ErrorCode::invalid_argument || !error.field.starts_with(kStores))
                    return done(of_the_store(std::move(error)));
                error.field.replace(0, kStores.size(), "items[");
                done(std::move(error));
            });
        };
    return hooks;
}

}  // namespace

// The operations, and what a key needs for each. An erasure asks for more where it is a user's.
struct Door::Operation {
    std::string_view name;
    std::optional<Scope> scope;
    void (*run)(Door&, const ApiKey&, const json&, const RequestSocket::Answer&);
};

Door::Door(EventLoop& loop, Journal& journal, const MediaStore& media, DeadLetters& dead, const KeyRing& keys,
           Hooks hooks)
    : loop_(loop),
      keys_(keys),
      hooks_(with_errors_of_the_store(std::move(hooks))),
      posts_(loop, journal, hooks_.posts),
      dead_(dead),
      erasure_(loop, journal, media, hooks_.erase_delivered),
      events_(loop, journal, hooks_.find_events) {}

Result<std::unique_ptr<Door>> Door::open(const Config& config, EventLoop& loop, Messaging& messaging,
                                         Journal& journal, const MediaStore& media, DeadLetters& dead,
                                         const KeyRing& keys, Hooks hooks) {
    std::unique_ptr<Door> door(new Door(loop, journal, media, dead, keys, std::move(hooks)));
    auto socket = Socket::open(messaging, Socket::Kind::router,
                               {.frame_bytes_max = std::int64_t{kDoorRequestBytesMax}, .queue_max = 10'000});
    if (!socket) return socket.error();
    if (auto called = (*socket)->connect("ipc://" + config.runtime_dir + "/" + kGatewayDoorSocket); !called)
        return called.error();
    door->socket_ = std::make_unique<RequestSocket>(
        loop, std::move(*socket), EventLoop::Priority::normal, kHeader,
        [raw = door.get()](const json& request, const RequestSocket::Answer& answer) {
            raw->run(request, answer);
        });
    return door;
}

void Door::run(const json& request, const RequestSocket::Answer& answer) {
    using Answer = const RequestSocket::Answer&;
    static constexpr std::array kOperations{
        Operation{
            "key",
            {},
            [](Door& door, const ApiKey& key, const json&, Answer to) { door.describe_key(key, to.reply); }},
        Operation{"post", Scope::read,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.posts_.look_up(own, to.reply);
                  }},
        Operation{"erase", Scope::post,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.erase_page(own, json::object(), to.reply);
                  }},
        Operation{
            "feedback", Scope::feedback,
            [](Door& door, const ApiKey&, const json& own, Answer to) { door.store_feedback(own, to); }},
        Operation{"tracks", Scope::read,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.list_or_search(own, to.reply);
                  }},
        Operation{"similar", Scope::read,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.list(list_similar, own, to.reply);
                  }},
        Operation{"path", Scope::read,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.list(list_path, own, to.reply);
                  }},
        Operation{
            "events", Scope::read,
            [](Door& door, const ApiKey&, const json& own, Answer to) { door.events_.page(own, to.reply); }},
        Operation{
            "dead.list", Scope::admin,
            [](Door& door, const ApiKey&, const json& own, Answer to) { door.dead_.list(own, to.reply); }},
        Operation{
            "dead.show", Scope::admin,
            [](Door& door, const ApiKey&, const json& own, Answer to) { door.dead_.show(own, to.reply); }},
        Operation{"dead.retry", Scope::admin,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.dead_.settle(own, true, to.reply);
                  }},
        Operation{"dead.drop", Scope::admin,
                  [](Door& door, const ApiKey&, const json& own, Answer to) {
                      door.dead_.settle(own, false, to.reply);
                  }},
        Operation{"status", Scope::admin,
                  [](Door& door, const ApiKey&, const json&, Answer to) {
                      to.reply(without_the_host(door.hooks_.status()));
                  }},
    };
    const std::string op = request_text(request, "op");
    if (op == "health") return answer.reply(json{{"missing", hooks_.missing()}});
    const auto operation = std::ranges::find(kOperations, op, &Operation::name);
    if (operation == kOperations.end())
        return answer.reply(invalid_request("op", "is not a known operation"));
    const bool of_a_user = op == "erase" && request.contains("user_id");
    const auto needed = of_a_user ? std::optional(Scope::admin) : operation->scope;
    const KeyJudgement judged = keys_.judge(request_text(request, "key"), needed, now_ms());
    if (judged.key == nullptr) return answer.refuse(judged.code, "key", judged.message);
    json own = request;
    own["tenant"] = judged.key->tenant;
    const auto reply = [this, name = operation->name, reply = answer.reply](const Result<json>& result) {
        if (!result) return reply(outward_.of(name, result.error()));
        reply(result);
    };
    operation->run(*this, *judged.key, own, {.reply = reply, .refuse = answer.refuse});
}

void Door::describe_key(const ApiKey& key, const AdminReply& reply) const {
    reply(json{{"id", key.key_id},
               {"tenant", key.tenant},
               {"scopes", key.scopes.names()},
               {"expires_ms", key.expires_ms}});
}

void Door::store_feedback(const json& request, const RequestSocket::Answer& answer) {
    auto feedback = read_feedback(request);
    if (!feedback) return answer.reply(feedback.error());
    const std::string tenant = request_text(request, "tenant");
    for (std::size_t i = 0; i < feedback->size(); ++i) {
        v1::Feedback& item = (*feedback)[i];
        if (!item.tenant().empty() && item.tenant() != tenant)
            return answer.refuse("forbidden", "items[" + std::to_string(i) + "].tenant",
                                 "is not the tenant of the key");
        item.set_tenant(tenant);
    }
    if (!hooks_.insert_feedback)
        return answer.reply(
            Error{.code = ErrorCode::unsupported, .message = "feedback is kept in MySQL alone"});
    hooks_.insert_feedback(*std::move(feedback), [reply = answer.reply](const Result<std::uint64_t>& stored) {
        if (!stored) return reply(stored.error());
        reply(json{{"stored", *stored}});
    });
}

// Not on the loop: a large catalogue takes a while, and posts come in meanwhile.
void Door::list(TrackLister lister, const json& request, const AdminReply& reply) {
    auto catalogue = hooks_.catalogue(request_text(request, "tenant"));
    if (!catalogue)
        return reply(Error{.code = ErrorCode::unavailable, .message = "the catalogue is not loaded yet"});
    hooks_.aside([this, lister = std::move(lister), catalogue = std::move(catalogue), request, reply] {
        loop_.post([reply, tracks = lister(*catalogue, request)] { reply(tracks); });
    });
}

// A search by words also goes by how the tracks sound, where a worker knows.
void Door::list_or_search(const json& request, const AdminReply& reply) {
    const auto placed = [this, request, reply](const SoundWish& place) {
        list([place](const Catalogue& catalogue,
                     const json& own) { return list_tracks(catalogue, own, place); },
             request, reply);
    };
    const std::string text = request_text(request, "q");
    const auto catalogue = hooks_.catalogue(request_text(request, "tenant"));
    if (text.empty() || text.size() > kSearchBytesMax || !catalogue || !may_hear_words(*catalogue) ||
        !hooks_.place_text)
        return placed({});
    hooks_.place_text(text,
                      [placed](const Result<SoundWish>& place) { placed(place ? *place : SoundWish{}); });
}

// A user's rows are looked for a page at a time; whoever asks here gets one answer.
void Door::erase_page(json request, const json& before, const AdminReply& reply) {
    erasure_.erase(request, [this, request, before, reply](const Result<json>& page) mutable {
        if (!page) return reply(page.error());
        json sum = before;
        for (const auto& [what, count] : page->items()) {
            if (count.is_number()) sum[what] = sum.value(what, std::uint64_t{0}) + count.get<std::uint64_t>();
        }
        const json next = page->value("next", json());
        sum.erase("next");
        if (next.is_null()) return reply(sum);
        request["after"] = next;
        erase_page(std::move(request), sum, reply);
    });
}

}  // namespace bgm
