// bgm-worker-clip: one process of the clip preset. Loads the public models that its modalities need, with the
// mood heads that their prompts give, then turns texts, photos, videos and sound into embeddings for bgmd.
#include <CLI/CLI.hpp>

#include "workers/clip/model_loader.hpp"
#include "workers/encoders/threads.hpp"
#include "workers/process/encode_thread.hpp"
#include "workers/process/staged_pipeline.hpp"
#include "workers/process/worker_program.hpp"

int main(int argc, char** argv) {
    bgm::settle_environment(argv);
    CLI::App app{"bgm-worker-clip turns media into embeddings with public models; bgmd starts it"};
    bgm::WorkerProgram program;
    bgm::ModelOptions models;
    bgm::PipelineOptions pipeline;
    std::int64_t batch_delay_ms = pipeline.batch_delay.count();
    program.add_options(app);
    app.add_option("--image-model", models.image, "folder of the image tower, for images and videos");
    app.add_option("--text-model", models.text, "folder of the text tower");
    app.add_option("--audio-model", models.audio,
                   "folder of the audio tower, for audio and the sound of videos");
    app.add_flag("--sound-words", models.sound_words,
                 "English text and captions are compared with sounds, by the audio model's text tower");
    app.add_option("--caption-model", models.caption,
                   "folder of the captioner; none: photos get no captions");
    app.add_option("--prompts", models.prompts, "folder of the prompt files; none: mood heads come as files");
    app.add_option("--head-cache", models.head_cache, "where heads made of prompts are kept");
    app.add_option("--precision", models.precision, "auto, fp32 or bf16")
        ->check(CLI::IsMember({"auto", "fp32", "bf16"}));
    app.add_option("--device", models.device, "cpu, or cuda:0");
    app.add_option("--threads", models.threads, "of this process; 0: as many as there are processors")
        ->check(CLI::Range(0, 1024));
    app.add_option("--batch-max", models.batch_max, "most inputs that a tower takes at once")
        ->check(CLI::Range(1, 64));
    app.add_option("--batch-delay-ms", batch_delay_ms, "how long a backlog may wait for a full batch")
        ->check(CLI::Range(0, 1000));
    app.add_option("--embedding-cache", pipeline.cache_entries, "how many answers are remembered; 0: none");
    bool tracks = false;
    app.add_flag("--tracks", tracks, "tasks are whole tracks of a catalogue, to be analysed")
        ->needs(app.add_option("--models", models.builtin,
                               "folder of the built-in models, for tracks and for what texts speak of"));
    CLI11_PARSE(app, argc, argv);
    if (const auto ended = program.begin(argc, argv)) return *ended;

    program.makes_code = true;  // oneDNN writes its kernels when it first sees a shape
    models.limits = program.limits;
    if (tracks) {
        auto listener = bgm::load_track_listener(models, program.packages);
        if (!listener) return bgm::refuse_to_start("loading", listener.error());
        std::vector<std::unique_ptr<bgm::Encoder>> encoders;
        encoders.push_back(std::move(*listener));
        bgm::EncodeThread runner(std::move(encoders), program.task_cpu_s);
        return program.serve(runner);
    }
    auto encoder = bgm::load_clip_encoder(program.modalities, models);
    if (!encoder) return bgm::refuse_to_start("loading", encoder.error());
    pipeline.task_cpu_s = program.task_cpu_s;
    pipeline.batch_delay = std::chrono::milliseconds(batch_delay_ms);
    bgm::StagedPipeline runner(std::move(*encoder), pipeline);
    return program.serve(runner);
}
