#include "daemon/fleet/deadly_tasks.hpp"

#include <algorithm>

namespace bgm {
namespace {

constexpr std::chrono::minutes kDeadlyFor{10};
constexpr std::size_t kDeadlyMax = 1024;

}  // namespace

void DeadlyTasks::remember(const std::string& digest, int deaths, Time now) {
    if (digest.empty()) return;
    if (deaths_.size() >= kDeadlyMax && !deaths_.contains(digest)) {
        deaths_.erase(std::min_element(
            deaths_.begin(), deaths_.end(),
            [](const auto& one, const auto& other) { return one.second.last < other.second.last; }));
    }
    deaths_[digest] = {.count = deaths, .last = now};
}

int DeadlyTasks::deaths(const std::string& digest, Time now) {
    const auto found = deaths_.find(digest);
    if (found == deaths_.end()) return 0;
    if (now - found->second.last <= kDeadlyFor) return found->second.count;
    deaths_.erase(found);
    return 0;
}

}  // namespace bgm
