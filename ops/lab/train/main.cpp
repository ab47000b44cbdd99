// bgm-train: trains the built-in text encoder and its head, fits heads to the embeddings of public models,
// and measures both. Not needed at run time.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "ops/lab/train/embed_command.hpp"
#include "ops/lab/train/eval_command.hpp"
#include "ops/lab/train/grave_command.hpp"
#include "ops/lab/train/head_command.hpp"
#include "ops/lab/train/text_command.hpp"

namespace {

void add_text_command(CLI::App& app, bgm::train::TextCommandOptions& options) {
    auto* command = app.add_subcommand("text", "train the text encoder and its head");
    command->add_option("--data", options.data_dir, "folder with label_to_mood13.tsv and text/")->required();
    command->add_option("--lexicon", options.lexicons, "hand-written words, emoji and sentences")
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
    command->add_option("--adjustment", options.train.adjustment)->capture_default_str();
    command->add_option("--rarity", options.train.rarity)->capture_default_str();
    command->add_option("--felt-weight", options.train.felt_weight)->capture_default_str();
    command->add_option("--group-weight", options.train.group_weight)->capture_default_str();
    command->add_option("--chat-weight", options.train.chat_weight)->capture_default_str();
    command->add_option("--sparse-rate", options.train.sparse_rate)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_option("--dense-rate", options.train.dense_rate)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_option("--batch", options.train.batch)->capture_default_str()->check(CLI::Range(1, 4096));
}

void add_grave_command(CLI::App& app, bgm::train::GraveCommandOptions& options) {
    auto* command = app.add_subcommand("grave", "train the network that tells what a text speaks of");
    command->add_option("--data", options.data_dir, "folder with label_to_mood13.tsv and text/")->required();
    command->add_option("--phrases", options.phrases, "hand-written patterns of sentences")
        ->capture_default_str();
    command->add_option("--judged", options.judged, "comments judged by hand")->capture_default_str();
    command->add_option("--out", options.out_dir, "folder with text.safetensors; gets the weight file")
        ->required()
        ->check(CLI::ExistingDirectory);
    command->add_option("--epochs", options.train.epochs)->capture_default_str()->check(CLI::Range(1, 1000));
    command->add_option("--seed", options.train.seed)->capture_default_str();
    command->add_option("--grave", options.train.grave, "sentences an epoch")->capture_default_str();
    command->add_option("--traps", options.train.traps, "sentences an epoch")->capture_default_str();
    command->add_option("--comments", options.train.comments, "an epoch")->capture_default_str();
    command->add_option("--width", options.train.width, "floats a feature")
        ->capture_default_str()
        ->check(CLI::Range(1, 64));
    command->add_option("--hidden", options.train.hidden)->capture_default_str()->check(CLI::Range(1, 256));
    command->add_option("--word-texts", options.train.word_texts_min)->capture_default_str();
    command->add_option("--character-texts", options.train.character_texts_min)->capture_default_str();
    command->add_option("--feature-dropout", options.train.feature_dropout)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 0.95));
}

void add_eval_command(CLI::App& app, bgm::train::EvalOptions& options) {
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

CLI::Validator modality_name() {
    return CLI::IsMember({"text", "image", "audio", "video"});
}

void add_head_command(CLI::App& app, bgm::train::HeadCommandOptions& options) {
    auto* command = app.add_subcommand("head", "fit a mood head to labelled embeddings");
    command
        ->add_option("--embeddings", options.embeddings, "lines of JSON, as `embed` writes them; may be .gz")
        ->required()
        ->check(CLI::ExistingFile);
    auto* held_back = command
                          ->add_option("--held-back", options.held_back,
                                       "embeddings to choose by, instead of a share of the others")
                          ->check(CLI::ExistingFile);
    command->add_option("--held-back-share", options.held_back_share, "of the rows, drawn by the seed")
        ->capture_default_str()
        ->check(CLI::Range(0.01, 0.9))
        ->excludes(held_back);
    command->add_option("--seed", options.seed)->capture_default_str();
    command->add_option("--model", options.model, "whose embeddings they are, where the lines do not say it");
    command->add_option("--modality", options.modality, "of what, where the lines do not say it")
        ->check(modality_name());
    command->add_option("--compare", options.compare, "head files to measure beside the new one")
        ->check(CLI::ExistingFile);
    command->add_option("--out", options.out, "the head file, NAME_head.safetensors")->required();
}

void add_head_eval_command(CLI::App& app, bgm::train::HeadEvalOptions& options) {
    auto* command =
        app.add_subcommand("head-eval", "measure mood heads on labelled embeddings, side by side");
    command->add_option("--embeddings", options.embeddings)->required()->check(CLI::ExistingFile);
    command->add_option("--head", options.heads, "head files")->required()->check(CLI::ExistingFile);
}

void add_embed_command(CLI::App& app, bgm::train::EmbedOptions& options) {
    auto* command = app.add_subcommand("embed", "labelled texts or files through a public model");
    command->add_option("--model-dir", options.model_dir, "the model's folder")
        ->required()
        ->check(CLI::ExistingDirectory);
    command->add_option("--modality", options.modality)
        ->required()
        ->check(CLI::IsMember({"text", "image", "audio"}));
    command->add_option("--data", options.data, "labelled files")->required()->check(CLI::ExistingFile);
    command->add_option("--format", options.format, "how they are laid out")
        ->required()
        ->check(CLI::IsMember({"goemotions", "kote", "emobank", "tweets", "list"}));
    command->add_option("--meanings", options.meanings,
                        "label_to_mood13.tsv, where it is not beside or above the data");
    command->add_option("--out", options.out, "where the lines go")->required();
    command->add_option("--precision", options.precision)
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "fp32", "bf16"}));
    command->add_option("--threads", options.threads, "0: as many as there are processors")
        ->check(CLI::Range(0, 1024));
    command->add_option("--prompts", options.prompts, "folder of prompt files, for the zero-shot head")
        ->check(CLI::ExistingDirectory);
    command->add_option("--zero-shot-head", options.zero_shot_head,
                        "where the head goes that a worker makes of the prompts");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("trains and measures the models that bgmd ships with");
    app.require_subcommand(1);
    bgm::train::TextCommandOptions text{
        .data_dir = {},
        .lexicons = {BGM_DATA_DIR "/affect_lexicon.tsv", BGM_DATA_DIR "/affect_phrases.tsv"},
        .out_dir = {},
        .train = {}};
    bgm::train::EvalOptions eval{
        .task = {}, .file = {}, .format = {}, .model_dir = BGM_DATA_DIR "/builtin", .meanings = {}};
    bgm::train::HeadCommandOptions head;
    bgm::train::GraveCommandOptions grave{.data_dir = {},
                                          .phrases = BGM_DATA_DIR "/grave_phrases.tsv",
                                          .judged = BGM_DATA_DIR "/grave_comments.tsv",
                                          .lexicons = text.lexicons,
                                          .out_dir = {},
                                          .train = {}};
    bgm::train::HeadEvalOptions head_eval;
    bgm::train::EmbedOptions embed;
    add_text_command(app, text);
    add_grave_command(app, grave);
    add_eval_command(app, eval);
    add_embed_command(app, embed);
    add_head_command(app, head);
    add_head_eval_command(app, head_eval);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        const auto done = app.got_subcommand("text")        ? bgm::train::run_text(text)
                          : app.got_subcommand("grave")     ? bgm::train::run_grave(grave)
                          : app.got_subcommand("embed")     ? bgm::train::run_embed(embed)
                          : app.got_subcommand("head")      ? bgm::train::run_head(head)
                          : app.got_subcommand("head-eval") ? bgm::train::run_head_eval(head_eval)
                                                            : bgm::train::run_eval(eval);
        if (done) return 0;
        std::fprintf(stderr, "bgm-train: %s\n", done.error().to_string().c_str());
    } catch (const std::exception& failure) {  // libtorch reports its errors this way
        std::fprintf(stderr, "bgm-train: %s\n", failure.what());
    }
    return 1;
}
