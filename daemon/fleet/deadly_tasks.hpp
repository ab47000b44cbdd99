// What killed workers, by the digest of its bytes: the same file comes in many posts, and what it did in one
// of them is known of all of them. Bounded, and forgotten after a while.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace bgm {

class DeadlyTasks {
 public:
    using Time = std::chrono::steady_clock::time_point;

    bool empty() const { return deaths_.empty(); }
    /// Workers that died with it alone so far. An empty digest is nobody's.
    void remember(const std::string& digest, int deaths, Time now);
    /// 0 where it is not known, or not any more.
    int deaths(const std::string& digest, Time now);
    void forget() { deaths_.clear(); }

 private:
    struct Deaths {
        int count;
        Time last;
    };
    std::unordered_map<std::string, Deaths> deaths_;
};

}  // namespace bgm
