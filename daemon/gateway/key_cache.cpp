#include "daemon/gateway/key_cache.hpp"

#include <nlohmann/json.hpp>

#include "daemon/base/clock.hpp"
#include "daemon/gateway/daemon_link.hpp"

namespace bgm::gateway {
namespace {

constexpr std::chrono::seconds kRemembered{2};
constexpr std::size_t kEntriesMax = 10'000;
constexpr std::size_t kAskedMax = 4'096;

KeyCache::Answer read_key(const std::string& digest, const DoorAnswer& answer) {
    if (answer.error) {
        if (answer.error->code == "unauthenticated") return std::shared_ptr<const KeyInfo>();
        return Error{.code = ErrorCode::unavailable, .message = answer.error->message};
    }
    const auto result = nlohmann::json::parse(answer.result, nullptr, false);
    if (!result.is_object())
        return Error{.code = ErrorCode::unavailable, .message = "no answer about the key"};
    auto key = std::make_shared<KeyInfo>();
    key->digest = digest;
    key->id = result.value("id", "");
    key->tenant = result.value("tenant", "");
    key->expires_ms = result.value("expires_ms", std::int64_t{0});
    for (const Scope scope : kScopes) {
        for (const auto& named : result.value("scopes", nlohmann::json::array()))
            if (named == name(scope)) key->scopes.add(scope);
    }
    return std::shared_ptr<const KeyInfo>(std::move(key));
}

}  // namespace

void KeyCache::look_up(const std::string& digest, OnAnswer on_answer) {
    const auto now = Clock::now();
    for (const Entries* entries : {&known_, &unknown_}) {
        const auto found = entries->find(digest);
        if (found == entries->end() || found->second.until <= now) continue;
        // It may have expired since.
        const auto& key = found->second.key;
        const bool over = key && key->expires_ms != 0 && key->expires_ms <= now_ms();
        return on_answer(over ? Answer(std::shared_ptr<const KeyInfo>()) : Answer(key));
    }
    if (asked_.size() >= kAskedMax && !asked_.contains(digest))
        return on_answer(
            Error{.code = ErrorCode::resource_exhausted, .message = "too many keys are looked up"});
    auto& waiting = asked_[digest];
    waiting.push_back(std::move(on_answer));
    if (waiting.size() > 1) return;
    daemon_.ask({{"op", "key"}, {"key", digest}},
                [this, digest](const DoorAnswer& answer) { learn(digest, read_key(digest, answer)); });
}

void KeyCache::learn(const std::string& digest, const Answer& answer) {
    known_.erase(digest);
    unknown_.erase(digest);
    if (answer) {
        Entries& entries = *answer ? known_ : unknown_;
        if (entries.size() >= kEntriesMax) entries.clear();
        entries[digest] = {*answer, Clock::now() + kRemembered};
    }
    const auto waiting = asked_.extract(digest);
    if (waiting.empty()) return;
    for (const OnAnswer& on_answer : waiting.mapped())
        on_answer(answer);
}

}  // namespace bgm::gateway
