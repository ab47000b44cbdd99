// Who a key is, as bgmd says it, remembered for two seconds: a revocation takes effect soon, and a busy
// client's requests need no question each.
//
// What bgmd does not know is remembered apart from what it knows, so that somebody who tries keys pushes no
// good one out. Belongs to the loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "schemas/api_key.hpp"
#include "schemas/result.hpp"

namespace bgm::gateway {

class DaemonLink;

struct KeyInfo {
    std::string id;
    std::string digest;
    std::string tenant;
    Scopes scopes;
    std::int64_t expires_ms = 0;
};

class KeyCache {
 public:
    using Clock = std::chrono::steady_clock;
    /// Null: not known, expired or revoked. An error: it could not be found out.
    using Answer = Result<std::shared_ptr<const KeyInfo>>;
    using OnAnswer = std::function<void(const Answer&)>;

    explicit KeyCache(DaemonLink& daemon) : daemon_(daemon) {}

    /// Calls back at once, or when bgmd has answered.
    void look_up(const std::string& digest, OnAnswer on_answer);

 private:
    struct Entry {
        std::shared_ptr<const KeyInfo> key;
        Clock::time_point until;
    };
    using Entries = std::unordered_map<std::string, Entry>;

    void learn(const std::string& digest, const Answer& answer);

    DaemonLink& daemon_;
    Entries known_;
    Entries unknown_;
    std::unordered_map<std::string, std::vector<OnAnswer>> asked_;
};

}  // namespace bgm::gateway
