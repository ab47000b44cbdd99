// Workers for tests: the builtin encoders, and around them what makes the worker a bad or a slow one. Started
// by bgmd in place of bgm-worker.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workers/image/image_encoder.hpp"
#include "workers/process/encode_thread.hpp"
#include "workers/process/worker_program.hpp"
#include "workers/text/text_encoder.hpp"

namespace bgm::test {

/// Takes one task at a time, whatever the encoder that it is around takes.
class AroundEncoder : public Encoder {
 public:
    explicit AroundEncoder(std::unique_ptr<Encoder> sound) : sound_(std::move(sound)) {}
    Modality modality() const override { return sound_->modality(); }
    std::string model() const override { return sound_->model(); }
    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        return sound_->encode(tasks);
    }

 protected:
    const Encoder& sound() const { return *sound_; }

 private:
    std::unique_ptr<Encoder> sound_;
};

/// The main function of such a worker, for texts and images: `around` is put around each of its encoders.
inline int run_worker(int argc, char** argv, const std::string& description,
                      const std::function<std::unique_ptr<Encoder>(std::unique_ptr<Encoder>)>& around) {
    CLI::App app{description};
    WorkerProgram program;
    program.add_options(app);
    std::string models;
    app.add_option("--models", models)->required();
    CLI11_PARSE(app, argc, argv);
    if (const auto ended = program.begin(argc, argv)) return *ended;
    std::vector<std::unique_ptr<Encoder>> encoders;
    for (const std::string& modality : program.modalities) {
        auto sound = modality == "text" ? make_text_encoder(models) : make_image_encoder({.models = models});
        encoders.push_back(around(std::move(sound).value()));
    }
    EncodeThread runner(std::move(encoders), program.task_cpu_s);
    return program.serve(runner);
}

}  // namespace bgm::test
