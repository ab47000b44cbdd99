// A worker whose texts take as long as they say, and no processor time: what a slow model on hardware of its
// own looks like from bgmd. One text at a time.
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/cluster/waiting_mark.hpp"
#include "tests/workers/process/around_encoder.hpp"

namespace {

class WaitingEncoder final : public bgm::test::AroundEncoder {
 public:
    using AroundEncoder::AroundEncoder;
    std::vector<bgm::EncodeResult> encode(std::span<const bgm::EncodeTask> tasks) override {
        const auto begin = std::chrono::steady_clock::now();
        std::vector<bgm::EncodeResult> results = AroundEncoder::encode(tasks);
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            const std::string_view text = tasks[i].text;
            if (text.find(bgm::test::kDeadly) != std::string_view::npos) std::abort();
            if (text.find(bgm::test::kUnreadable) != std::string_view::npos)
                results[i] =
                    bgm::Error{.code = bgm::ErrorCode::corrupt, .message = "says that it is unreadable"};
            const std::size_t mark = text.find(bgm::test::kTakes);
            if (mark == std::string_view::npos) continue;
            int milliseconds = 0;
            const char* digits = text.data() + mark + bgm::test::kTakes.size();
            std::from_chars(digits, text.data() + text.size(), milliseconds);
            std::this_thread::sleep_until(begin + std::chrono::milliseconds(milliseconds));
        }
        return results;
    }
};

}  // namespace

int main(int argc, char** argv) {
    return bgm::test::run_worker(argc, argv, "a worker whose texts take as long as they say", [](auto sound) {
        return std::make_unique<WaitingEncoder>(std::move(sound));
    });
}
