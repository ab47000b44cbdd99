// bgm-worker: one process of the builtin preset, which turns one modality (or several) into embeddings for
// bgmd.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "workers/audio/audio_encoder.hpp"
#include "workers/audio/track_analyser.hpp"
#include "workers/process/encode_thread.hpp"
#include "workers/process/worker_program.hpp"
#include "workers/text/text_encoder.hpp"
#include "workers/video/picture_encoder.hpp"
#include "workers/video/video_encoder.hpp"

namespace {

using Made = bgm::Result<std::unique_ptr<bgm::Encoder>>;
using MakeEncoder = Made (*)(const bgm::EncoderFiles&, const bgm::MediaLimits&);

Made make_text_encoder(const bgm::EncoderFiles& files, const bgm::MediaLimits& /*limits*/) {
    return bgm::make_text_encoder(files.models);
}

// A worker kind is a row.
const std::map<std::string, MakeEncoder> kEncoders{
    {"text", make_text_encoder},
    {"image", bgm::make_picture_encoder},
    {"audio", bgm::make_audio_encoder},
    {"video", bgm::make_video_encoder},
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"bgm-worker turns media into embeddings; bgmd starts it"};
    bgm::WorkerProgram program;
    program.add_options(app);
    std::string models;
    app.add_option("--models", models, "folder with the model files")->required();
    bool tracks = false;
    app.add_flag("--tracks", tracks, "audio tasks are whole tracks of a catalogue, to be analysed");
    CLI11_PARSE(app, argc, argv);
    // Once: not by the worker of a keeper, and not where bgmd's configuration decides.
    if (program.parent == 0) {
        for (const std::string& sentence : program.unseen())
            std::cerr << "bgm-worker: " << sentence << '\n';
    }
    if (const auto ended = program.begin(argc, argv)) return *ended;

    std::vector<std::unique_ptr<bgm::Encoder>> encoders;
    for (const std::string& modality : program.modalities) {
        if (tracks && modality == "audio") {
            encoders.push_back(
                bgm::make_track_analyser({models, program.packages}, program.limits.audio.bytes_max));
            continue;
        }
        auto encoder = kEncoders.at(modality)({models, program.packages, program.reading}, program.limits);
        if (!encoder) return bgm::refuse_to_start(modality, encoder.error());
        encoders.push_back(std::move(*encoder));
    }
    bgm::EncodeThread runner(std::move(encoders), program.task_cpu_s);
    return program.serve(runner);
}
