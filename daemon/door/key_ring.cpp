#include "daemon/door/key_ring.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/base/clock.hpp"
#include "daemon/base/log.hpp"
#include "daemon/door/key_text.hpp"
#include "schemas/utf8.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

using nlohmann::json;

constexpr std::int64_t kLifeMax_s = 100LL * 366 * 24 * 3600;

// As posts are judged: a key of a tenant that no post can have would be worth nothing.
Status check_tenant(const std::string& tenant) {
    if (tenant.empty()) return invalid_request("tenant", "is missing");
    v1::Post post;
    post.set_post_id("p");
    post.set_text("t");
    post.set_tenant(tenant);
    return validate_post(post, {}, PostLimits{});
}

Status check_name(std::string_view name) {
    const bool printable = valid_utf8(name) && std::ranges::none_of(name, [](char character) {
                               return static_cast<unsigned char>(character) < ' ' || character == '\x7f';
                           });
    if (printable && name.size() <= kKeyNameBytes) return ok_status();
    return invalid_request("name", "must be a text of at most 128 bytes without control characters");
}

Result<Scopes> read_scopes(const json& request) {
    const auto found = request.find("scopes");
    if (found == request.end() || !found->is_array() || found->empty())
        return invalid_request("scopes", "must be a list of post, read, feedback and admin");
    std::string words;
    for (const json& each : *found)
        words += each.is_string() ? each.get<std::string>() + " " : "? ";
    auto scopes = Scopes::parse(words);
    if (scopes && scopes->empty()) return invalid_request("scopes", "must not be empty");
    return scopes;
}

json key_json(const ApiKey& key, std::int64_t now) {
    return {{"id", key.key_id},
            {"tenant", key.tenant},
            {"scopes", key.scopes.names()},
            {"name", key.name},
            {"created_ms", key.created_ms},
            {"expires_ms", key.expires_ms},
            {"revoked_ms", key.revoked_ms},
            {"state", key.revoked_ms != 0 ? "revoked"
                      : key.usable(now)   ? "valid"
                                          : "expired"}};
}

}  // namespace

KeyRing::KeyRing(EventLoop& loop, Journal& journal, const std::vector<ApiKey>& keys, KeyHome home)
    : loop_(loop), journal_(journal), home_(std::move(home)) {
    for (const ApiKey& key : keys)
        put(key);
}

void KeyRing::put(const ApiKey& key) {
    keys_[key.key_id] = key;
    ids_of_digests_[key.digest] = key.key_id;
}

const ApiKey* KeyRing::usable(std::string_view digest, std::int64_t now_ms) const {
    const auto id = ids_of_digests_.find(std::string(digest));
    if (id == ids_of_digests_.end()) return nullptr;
    const ApiKey& key = keys_.at(id->second);
    return key.usable(now_ms) ? &key : nullptr;
}

KeyJudgement KeyRing::judge(std::string_view digest, std::optional<Scope> needed, std::int64_t now_ms) const {
    const ApiKey* key = usable(digest, now_ms);
    if (key == nullptr)
        return {.code = kUnauthenticated, .message = "is missing, not known, expired or revoked"};
    if (needed && !key->scopes.has(*needed))
        return {.code = kForbidden, .message = "has not got the scope " + std::string(name(*needed))};
    return {.key = key};
}

void KeyRing::refreshed(std::vector<ApiKey> keys) {
    keys_.clear();
    ids_of_digests_.clear();
    for (const ApiKey& key : keys)
        put(key);
    const std::size_t bytes = keys.size() * sizeof(ApiKey);
    (void)journal_.submit(
        Journal::Urgency::internal, bytes,
        [keys = std::move(keys)](JournalStore& store) { return store.replace_api_keys(keys); }, {});
}

// Where MySQL has it already, it counts at once, and the journal's copy follows.
void KeyRing::keep(const ApiKey& key, std::function<void(Status)> done) {
    if (home_.insert) {
        put(key);
        (void)journal_.submit(Journal::Urgency::internal, sizeof(ApiKey),
                              [key](JournalStore& store) { return store.put_api_key(key); }, {});
        return done(ok_status());
    }
    look(
        journal_, [key](JournalStore& store) { return store.put_api_key(key); },
        [this, key, done](const Status& kept) {
            loop_.post([this, key, done, kept] {
                if (kept) put(key);
                done(kept);
            });
        },
        [done](const Result<json>& refused) { done(refused.error()); });
}

void KeyRing::create(const json& request, const AdminReply& reply) {
    const std::int64_t now = now_ms();
    ApiKey key{.key_id = new_key_id(),
               .digest = {},
               .tenant = request_text(request, "tenant"),
               .scopes = {},
               .name = request_text(request, "name"),
               .created_ms = now};
    if (Status checked = check_tenant(key.tenant); !checked) return reply(checked.error());
    if (Status checked = check_name(key.name); !checked) return reply(checked.error());
    const auto scopes = read_scopes(request);
    if (!scopes) return reply(scopes.error());
    key.scopes = *scopes;
    if (const auto life = request.find("expires_in_s"); life != request.end() && !life->is_null()) {
        if (!life->is_number_integer() || *life < 1 || *life > kLifeMax_s)
            return reply(invalid_request("expires_in_s", "must be a number of seconds, 100 years at most"));
        key.expires_ms = now + life->get<std::int64_t>() * 1000;
    }
    const std::string text = new_key_text();
    key.digest = digest_of(text);
    const auto answer = [reply, key, text, now](const Status& kept) {
        if (!kept) return reply(kept.error());
        log_info("key created",
                 {{"key", key.key_id}, {"tenant", key.tenant}, {"scopes", key.scopes.to_string()}});
        json result = key_json(key, now);
        result["key"] = text;
        reply(result);
    };
    if (!home_.insert) return keep(key, answer);
    home_.insert(key, [this, key, answer](const Status& inserted) {
        if (!inserted) return answer(inserted);
        keep(key, answer);
    });
}

void KeyRing::list(const json& request, const AdminReply& reply) {
    const std::string tenant = request_text(request, "tenant");
    const std::int64_t now = now_ms();
    json items = json::array();
    for (const auto& [id, key] : keys_) {
        if (tenant.empty() || key.tenant == tenant) items.push_back(key_json(key, now));
    }
    reply(json{{"items", std::move(items)}});
}

void KeyRing::revoke(const json& request, const AdminReply& reply) {
    const std::string key_id = request_text(request, "key_id");
    if (key_id.empty()) return reply(invalid_request("key_id", "is missing"));
    const std::int64_t now = now_ms();
    const auto mark = [this, key_id, now, reply](const Result<bool>& revoked) {
        if (!revoked) return reply(revoked.error());
        const auto found = keys_.find(key_id);
        if (!*revoked || found == keys_.end())
            return reply(Error{.code = ErrorCode::not_found, .message = "is not a key", .field = "key_id"});
        ApiKey key = found->second;
        if (key.revoked_ms == 0) key.revoked_ms = now;
        keep(key, [key, now, reply](const Status& kept) {
            if (!kept) return reply(kept.error());
            log_info("key revoked", {{"key", key.key_id}, {"tenant", key.tenant}});
            reply(key_json(key, now));
        });
    };
    if (!home_.revoke) return mark(true);
    home_.revoke(key_id, now, mark);
}

}  // namespace bgm
