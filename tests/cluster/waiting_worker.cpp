// A worker whose texts take as long as they say, and no processor time: what a slow model on hardware of its
// own looks like from bgmd. One text at a time. Started by bgmd in place of bgm-worker.
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/cluster/waiting_mark.hpp"
#include "workers/process/encode_thread.hpp"
#include "workers/process/worker_program.hpp"
#include "workers/text/text_encoder.hpp"

namespace {

class WaitingEncoder final : public bgm::Encoder {
 public:
    explicit WaitingEncoder(std::unique_ptr<bgm::Encoder> sound) : sound_(std::move(sound)) {}
    bgm::Modality modality() const override { return sound_->modality(); }
    std::string model() const override { return sound_->model(); }
    std::vector<bgm::EncodeResult> encode(std::span<const bgm::EncodeTask> tasks) override {
        const auto begin = std::chrono::steady_clock::now();
        std::vector<bgm::EncodeResult> results = sound_->encode(tasks);
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

 private:
    std::unique_ptr<bgm::Encoder> sound_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"a worker whose texts take as long as they say"};
    bgm::WorkerProgram program;
    program.add_options(app);
    std::string models;
    app.add_option("--models", models)->required();
    CLI11_PARSE(app, argc, argv);
    if (const auto ended = program.begin(argc, argv)) return *ended;
    std::vector<std::unique_ptr<bgm::Encoder>> encoders;
    encoders.push_back(std::make_unique<WaitingEncoder>(bgm::make_text_encoder(models).value()));
    bgm::EncodeThread runner(std::move(encoders), program.task_cpu_s);
    return program.serve(runner);
}
