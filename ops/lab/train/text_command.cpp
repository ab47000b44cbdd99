#include "ops/lab/train/text_command.hpp"

#include <cstdio>

#include "ops/lab/train/figures.hpp"
#include "ops/lab/train/text_model.hpp"
#include "ops/lab/train/trained_text.hpp"

namespace bgm::train {
namespace {

Status print_figures(TextModel& model, const TrainingSet& set) {
    struct Row {
        const char* name;
        const std::vector<Example>& examples;
        bool five;
    };
    for (const Row& row :
         {Row{"GoEmotions dev en", set.goemotions_en, true},
          Row{"GoEmotions dev ko", set.goemotions_ko, true}, Row{"KOTE held back", set.kote, false}}) {
        const auto moods = measure_moods(model, row.examples);
        if (!moods) return moods.error();
        std::printf("%-18s top-1 %.4f  ECE %.4f  NLL %.4f", row.name, moods->top1, moods->calibration_error,
                    moods->negative_log_likelihood);
        if (row.five) {
            const auto five = measure_five_moods(model, row.examples);
            if (!five) return five.error();
            std::printf("  five-mood micro-F1 %.4f", five->micro_f1);
        }
        std::printf("\n");
    }
    const auto affect = measure_affect(model, set.emobank);
    if (!affect) return affect.error();
    const auto polarity = measure_polarity(model, set.nsmc);
    if (!polarity) return polarity.error();
    std::printf("EmoBank dev        valence r %.4f  arousal r %.4f\nNSMC held back     polarity %.4f\n",
                affect->valence_r, affect->arousal_r, polarity->accuracy);
    return ok_status();
}

}  // namespace

Status run_text(const TextCommandOptions& options) {
    const auto set = read_training_set(options.data_dir, options.lexicon);
    if (!set) return set.error();
    std::printf("%zu training texts, %zu lexicon terms\n", set->train.size(), set->lexicon.size());
    std::fflush(stdout);
    const TrainedText trained = train_text(*set, options.train, [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    });
    std::printf("%zu word features, %zu character features\n", trained.words.features.size(),
                trained.characters.features.size());

    if (auto written = write_text_weights(trained, options.out_dir / "text.safetensors"); !written)
        return written;
    const auto head_file = options.out_dir / "text_head.safetensors";
    if (auto written = write_text_head(trained, 1.0F, 1.0F, head_file); !written) return written;
    auto raw = TextModel::open(options.out_dir);
    if (!raw) return raw.error();
    // Not on KOTE: a dozen labels a text make nearly every mood right, which posts' labels do not.
    const auto temperature = fit_temperature(*raw, {&set->goemotions_en, &set->goemotions_ko});
    if (!temperature) return temperature.error();
    std::printf("temperature %.2f\n", static_cast<double>(*temperature));
    if (auto written = write_text_head(trained, *temperature, 1.0F, head_file); !written) return written;
    auto model = TextModel::open(options.out_dir);
    if (!model) return model.error();
    return print_figures(*model, *set);
}

}  // namespace bgm::train
