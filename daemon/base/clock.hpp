// Time: the wall clock in milliseconds for what is stored, a stopwatch for what is measured.
#pragma once

#include <chrono>
#include <cstdint>

namespace bgm {

/// Milliseconds since 1970, UTC.
inline std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class Stopwatch {
 public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

 private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace bgm
