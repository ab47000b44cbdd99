#include "ops/lab/train/eval_command.hpp"

#include <cstdio>

#include "ops/lab/train/corpus_format.hpp"
#include "ops/lab/train/figures.hpp"

namespace bgm::train {
namespace {

Error usage(std::string message, std::string field) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

std::string usual_format(const std::string& task) {
    if (task == "valence") return "emobank";
    if (task == "polarity") return "nsmc";
    return task == "tweets" ? "tweets" : "goemotions";
}

Result<std::vector<Example>> read_examples(const EvalOptions& options, const std::string& format) {
    LabelMeanings known;
    if (needs_meanings(format)) {
        auto meanings = find_meanings(options.file, options.meanings);
        // The five-mood task is defined on GoEmotions' labels themselves.
        if (!meanings && options.task != "five-moods") return meanings.error();
        if (meanings) known = *std::move(meanings);
    }
    return read_corpus(format, options.file, known);
}

}  // namespace

Status run_eval(const EvalOptions& options) {
    const std::string format = options.format.empty() ? usual_format(options.task) : options.format;
    auto examples = read_examples(options, format);
    if (!examples) return examples.error();
    if (options.held_back) *examples = hold_back_tenth(*examples);
    auto model = TextModel::open(options.model_dir);
    if (!model) return model.error();
    const char* file = options.file.c_str();

    if (options.task == "five-moods") {
        const auto figures = measure_five_moods(*model, *examples);
        if (!figures) return figures.error();
        std::printf("five-moods  %s  rows %zu  micro-F1 %.4f  precision %.4f  recall %.4f\n", file,
                    figures->rows, figures->micro_f1, figures->precision, figures->recall);
    } else if (options.task == "moods" || options.task == "tweets") {
        const auto figures = measure_moods(*model, *examples);
        if (!figures) return figures.error();
        std::printf("%s  %s  rows %zu  top-1 %.4f  macro-F1 %.4f  ECE %.4f  NLL %.4f  ambiguous %.4f",
                    options.task.c_str(), file, figures->rows, figures->top1, figures->macro_f1,
                    figures->calibration_error, figures->negative_log_likelihood, figures->ambiguous);
        if (figures->plain_rows > 0)
            std::printf("  of %zu plain rows %.4f", figures->plain_rows, figures->plain_ambiguous);
        if (format == "kote")
            std::printf("  mood that most labels mean %.4f, graded ECE %.4f", figures->most_meant,
                        figures->graded_calibration_error);
        if (options.task == "tweets") std::printf("  top-1 of the four moods %.4f", figures->top1_of_four);
        std::printf("\n");
    } else if (options.task == "valence") {
        const auto figures = measure_affect(*model, *examples);
        if (!figures) return figures.error();
        std::printf("valence  %s  rows %zu  valence r %.4f  arousal r %.4f\n", file, figures->rows,
                    figures->valence_r, figures->arousal_r);
    } else if (options.task == "polarity") {
        const auto figures = measure_polarity(*model, *examples);
        if (!figures) return figures.error();
        std::printf("polarity  %s  rows %zu  accuracy %.4f\n", file, figures->rows, figures->accuracy);
    } else {
        return usage("unknown task '" + options.task + "'", "--task");
    }
    return ok_status();
}

}  // namespace bgm::train
