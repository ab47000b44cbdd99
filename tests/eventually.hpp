// Waits for a condition, never for a time.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace bgm::test {

/// Looks again and again until the condition holds; false where the deadline passes first.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::seconds deadline = std::chrono::seconds(60)) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace bgm::test
