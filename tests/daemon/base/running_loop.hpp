// An event loop on a thread of its own, for tests of what belongs to the loop's thread.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <type_traits>

#include "daemon/base/event_loop.hpp"

namespace bgm::testing {

class RunningLoop {
 public:
    RunningLoop() = default;
    ~RunningLoop() { stop(); }
    RunningLoop(const RunningLoop&) = delete;
    RunningLoop& operator=(const RunningLoop&) = delete;

    EventLoop& loop() { return loop_; }
    void start() {
        thread_ = std::jthread([this] { loop_.run(); });
    }
    /// After it nothing runs on the loop any more.
    void stop() {
        if (!thread_.joinable()) return;
        loop_.stop();
        thread_.join();
    }

    /// Runs the function on the loop's thread and returns what it returns.
    template <typename Function>
    std::invoke_result_t<Function> on_loop(Function function) {
        std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
        auto result = task.get_future();
        loop_.post([&task] { task(); });
        return result.get();
    }

    /// Looks at the condition on the loop's thread every millisecond: true as soon as it holds.
    bool eventually(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!on_loop(condition)) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }

 private:
    EventLoop loop_;
    std::jthread thread_;
};

}  // namespace bgm::testing
