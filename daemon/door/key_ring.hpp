// The keys of the door: which there are, and how they come and go.
//
// All of them lie in memory, by digest, so that a request is judged without waiting. Their home is MySQL
// where there is one; then the journal holds a copy, which is served while MySQL is away, and refreshed()
// says what MySQL holds. Without MySQL the journal is their home. A key's text is given out once, by
// create(), and is kept nowhere. Belongs to the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/admin/request.hpp"
#include "daemon/base/event_loop.hpp"
#include "schemas/api_key.hpp"

namespace bgm {

/// MySQL's side, asked from the loop's thread and answered there.
struct KeyHome {
    std::function<void(ApiKey, std::function<void(Status)>)> insert;
    /// False where there is no such key.
    std::function<void(std::string key_id, std::int64_t now_ms, std::function<void(Result<bool>)>)> revoke;
};

class KeyRing {
 public:
    /// `keys` are those that the journal holds. With an empty `home` the journal is it.
    KeyRing(EventLoop& loop, Journal& journal, const std::vector<ApiKey>& keys, KeyHome home);

    /// The key, where it may be used now; else null.
    const ApiKey* usable(std::string_view digest, std::int64_t now_ms) const;
    /// The same for what needs a scope, or any key at all; and why not.
    KeyJudgement judge(std::string_view digest, std::optional<Scope> needed, std::int64_t now_ms) const;

    /// What MySQL holds, where that has changed.
    void refreshed(std::vector<ApiKey> keys);

    void create(const nlohmann::json& request, const AdminReply& reply);
    void list(const nlohmann::json& request, const AdminReply& reply);
    void revoke(const nlohmann::json& request, const AdminReply& reply);

 private:
    void put(const ApiKey& key);
    void keep(const ApiKey& key, std::function<void(Status)> done);

    EventLoop& loop_;
    Journal& journal_;
    const KeyHome home_;
    std::map<std::string, ApiKey, std::less<>> keys_;              // by id
    std::unordered_map<std::string, std::string> ids_of_digests_;  // digest -> id
};

}  // namespace bgm
