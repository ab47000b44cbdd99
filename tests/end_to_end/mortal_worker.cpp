// A worker that a post can kill, as a decoder's fault does: a text or a photo that holds the mark ends the
// process. Everything else is the builtin encoders' work. Started by bgmd in place of bgm-worker.
#include <cstdlib>
#include <string_view>

#include "tests/end_to_end/mortal_mark.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/process/encode_thread.hpp"
#include "workers/process/worker_program.hpp"
#include "workers/text/text_encoder.hpp"

namespace {

class MortalEncoder final : public bgm::Encoder {
 public:
    explicit MortalEncoder(std::unique_ptr<bgm::Encoder> sound) : sound_(std::move(sound)) {}
    bgm::Modality modality() const override { return sound_->modality(); }
    std::string model() const override { return sound_->model(); }
    std::size_t batch_max() const override { return sound_->batch_max(); }
    std::vector<bgm::EncodeResult> encode(std::span<const bgm::EncodeTask> tasks) override {
        for (const bgm::EncodeTask& task : tasks) {
            const std::string_view media(reinterpret_cast<const char*>(task.media.data()), task.media.size());
            for (const std::string_view bytes : {task.text, media}) {
                if (bytes.find(bgm::test::kMortalMark) != std::string_view::npos) std::abort();
            }
        }
        return sound_->encode(tasks);
    }

 private:
    std::unique_ptr<bgm::Encoder> sound_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"a worker that dies of what it reads"};
    bgm::WorkerProgram program;
    program.add_options(app);
    std::string models;
    app.add_option("--models", models)->required();
    CLI11_PARSE(app, argc, argv);
    if (const auto ended = program.begin(argc, argv)) return *ended;
    std::vector<std::unique_ptr<bgm::Encoder>> encoders;
    for (const std::string& modality : program.modalities) {
        auto sound =
            modality == "text" ? bgm::make_text_encoder(models) : bgm::make_image_encoder({.models = models});
        encoders.push_back(std::make_unique<MortalEncoder>(std::move(sound).value()));
    }
    bgm::EncodeThread runner(std::move(encoders), program.task_cpu_s);
    return program.serve(runner);
}
