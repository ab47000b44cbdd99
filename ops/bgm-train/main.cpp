// bgm-train: trains the built-in text encoder and its head, and measures what ships. Not needed at run time.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "ops/bgm-train/eval_command.hpp"
#include "ops/bgm-train/text_command.hpp"

namespace {

void add_text_command(CLI::App& app, bgm::TextCommandOptions& options) {
    auto* command = app.add_subcommand("text", "train the text encoder and its head");
    command->add_option("--data", options.data_dir, "folder with label_to_mood13.tsv and text/")->required();
    command->add_option("--lexicon", options.lexicon, "hand-written words and emoji of feeling")
        ->capture_default_str();
    command->add_option("--out", options.out_dir, "where the weight files go")->required();
    command->add_option("--epochs", options.train.epochs)->capture_default_str()->check(CLI::Range(1, 1000));
    command->add_option("--seed", options.train.seed)->capture_default_str();
    command->add_option("--width", options.train.width, "floats a feature")
        ->capture_default_str()
        ->check(CLI::Range(1, 256));
    command->add_option("--hidden", options.train.hidden, "floats of the embedding")
        ->capture_default_str()
        ->check(CLI::Range(1, 1024));
    command->add_option("--word-texts", options.train.word_texts_min, "texts that must hold a word feature")
        ->capture_default_str();
    command
        ->add_option("--character-texts", options.train.character_texts_min,
                     "texts that must hold a character feature")
        ->capture_default_str();
    command->add_option("--feature-dropout", options.train.feature_dropout)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 0.95));
    command->add_option("--hidden-dropout", options.train.hidden_dropout)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 0.95));
    command->add_option("--augmented", options.train.augmented_share)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--lexicon-share", options.train.lexicon_share)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--sparse-rate", options.train.sparse_rate)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_option("--dense-rate", options.train.dense_rate)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_option("--batch", options.train.batch)->capture_default_str()->check(CLI::Range(1, 4096));
}

void add_eval_command(CLI::App& app, bgm::EvalOptions& options) {
    auto* command = app.add_subcommand("eval", "measure the shipped encoder and head on a labelled file");
    command->add_option("--task", options.task)
        ->required()
        ->check(CLI::IsMember({"five-moods", "moods", "valence", "polarity", "tweets"}));
    command->add_option("--file,file", options.file)->required()->check(CLI::ExistingFile);
    command->add_option("--format", options.format, "default: the task's usual one")
        ->check(CLI::IsMember({"goemotions", "kote", "nsmc", "emobank", "tweets"}));
    command->add_option("--model", options.model_dir, "folder with the weight files")->capture_default_str();
    command->add_option("--meanings", options.meanings,
                        "label_to_mood13.tsv, where it is not beside or above the file");
    command->add_flag("--held-back", options.held_back, "only every tenth row, which training leaves out");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("trains and measures the models that bgmd ships with");
    app.require_subcommand(1);
    bgm::TextCommandOptions text{
        .data_dir = {}, .lexicon = BGM_DATA_DIR "/affect_lexicon.tsv", .out_dir = {}, .train = {}};
    bgm::EvalOptions eval{
        .task = {}, .file = {}, .format = {}, .model_dir = BGM_DATA_DIR "/builtin", .meanings = {}};
    add_text_command(app, text);
    add_eval_command(app, eval);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        const auto done = app.got_subcommand("text") ? bgm::run_text(text) : bgm::run_eval(eval);
        if (done) return 0;
        std::fprintf(stderr, "bgm-train: %s\n", done.error().to_string().c_str());
    } catch (const std::exception& failure) {  // libtorch reports its errors this way
        std::fprintf(stderr, "bgm-train: %s\n", failure.what());
    }
    return 1;
}
