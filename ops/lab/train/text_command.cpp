#include "ops/lab/train/text_command.hpp"

#include <algorithm>
#include <cstdio>

#include "ops/lab/train/balance.hpp"
#include "ops/lab/train/figures.hpp"
#include "ops/lab/train/lexicon_digest.hpp"
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
        std::printf("%-18s top-1 %.4f  macro-F1 %.4f  ECE %.4f  ambiguous %.4f, plain %.4f", row.name,
                    moods->top1, moods->macro_f1, moods->calibration_error, moods->ambiguous,
                    moods->plain_ambiguous);
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

// Of rows with a feeling, so many may pass for plain, in neither language more. Ties of the best two moods,
// which are ambiguous too, make 0.15 of it.
constexpr double kFeltTakenForPlain = 0.128;

// By what the trained network says of the rows that were held back.
Status balance(TrainedText& trained, const TrainingSet& set, const std::filesystem::path& model_dir) {
    auto raw = TextModel::open(model_dir);
    if (!raw) return raw.error();
    const auto english = judge_rows(*raw, set.goemotions_en);
    if (!english) return english.error();
    const auto korean = judge_rows(*raw, set.goemotions_ko);
    if (!korean) return korean.error();
    const double kept = choose_kept({*english, *korean}, trained.mood_shares);
    keep_frequencies(trained.mood, trained.mood_shares, kept);
    place_felt(trained.felt, {*english, *korean}, kFeltTakenForPlain);
    std::printf("frequencies kept to the power of %.1f\n", kept);
    return ok_status();
}

// The one whose worse set has the least calibration error, measured on what the pool makes of it: plain texts
// weigh less. Not on KOTE: a dozen labels a text make nearly every mood right, which posts' labels do not.
Result<float> choose_temperature(const TrainedText& trained, const TrainingSet& set,
                                 const std::string& lexicon, const std::filesystem::path& model_dir) {
    constexpr int kHundredthsLeast = 80;
    constexpr int kHundredthsMost = 140;
    float best = 1;
    double least = 1;
    for (int hundredths = kHundredthsLeast; hundredths <= kHundredthsMost; hundredths += 4) {
        const float temperature = static_cast<float>(hundredths) / 100;
        if (auto written =
                write_text_head(trained, temperature, lexicon, model_dir / "text_head.safetensors");
            !written)
            return written.error();
        auto model = TextModel::open(model_dir);
        if (!model) return model.error();
        double worse = 0;
        for (const auto* examples : {&set.goemotions_en, &set.goemotions_ko}) {
            const auto figures = measure_moods(*model, *examples);
            if (!figures) return figures.error();
            worse = std::max(worse, figures->calibration_error);
        }
        if (worse >= least) continue;
        least = worse;
        best = temperature;
    }
    return best;
}

}  // namespace

Status run_text(const TextCommandOptions& options) {
    const auto set = read_training_set(options.data_dir, options.lexicons);
    if (!set) return set.error();
    const auto lexicon = lexicon_digest(options.lexicons);
    if (!lexicon) return lexicon.error();
    std::printf("%zu training texts, %zu lexicon terms\n", set->train.size(), set->lexicon.size());
    std::fflush(stdout);
    TrainedText trained = train_text(*set, options.train, [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    });
    std::printf("%zu word features, %zu character features\n", trained.words.features.size(),
                trained.characters.features.size());

    if (auto written = write_text_weights(trained, options.out_dir / "text.safetensors"); !written)
        return written;
    const auto head_file = options.out_dir / "text_head.safetensors";
    if (auto written = write_text_head(trained, 1.0F, *lexicon, head_file); !written) return written;
    if (auto balanced = balance(trained, *set, options.out_dir); !balanced) return balanced;
    const auto temperature = choose_temperature(trained, *set, *lexicon, options.out_dir);
    if (!temperature) return temperature.error();
    std::printf("temperature %.2f\n", static_cast<double>(*temperature));
    if (auto written = write_text_head(trained, *temperature, *lexicon, head_file); !written) return written;
    auto model = TextModel::open(options.out_dir);
    if (!model) return model.error();
    return print_figures(*model, *set);
}

}  // namespace bgm::train
