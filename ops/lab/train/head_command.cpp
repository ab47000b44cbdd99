#include "ops/lab/train/head_command.hpp"

#include <algorithm>
#include <cstdio>

#include "fusion/mood/head.hpp"
#include "ops/evaluation/head_figures.hpp"
#include "ops/lab/train/head_trainer.hpp"
#include "ops/lab/train/whole_file.hpp"
#include "schemas/mapped_file.hpp"

namespace bgm::train {
namespace {

Error usage(std::string message, std::string field) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

Result<LinearHead> read_head(const std::filesystem::path& file) {
    const auto mapped = MappedFile::open(file);
    if (!mapped) return mapped.error();
    auto head = LinearHead::parse(mapped->bytes());
    if (!head)
        return Error{.code = head.error().code, .message = head.error().message, .field = file.string()};
    return head;
}

void print_titles() {
    std::printf("%-40s %6s  %6s  %6s  %6s  %6s  %9s  %9s\n", "head", "rows", "top-1", "ECE", "NLL", "rows",
                "valence r", "arousal r");
}

// "-" where no row could tell.
void print_figure(std::size_t rows, int width, double value) {
    rows > 0 ? std::printf("  %*.4f", width, value) : std::printf("  %*s", width, "-");
}

Status print_figures(const std::string& title, const LinearHead& head,
                     std::span<const LabelledEmbedding> rows) {
    const auto figures = measure_head(head, rows);
    if (!figures)
        return Error{.code = figures.error().code, .message = figures.error().message, .field = title};
    std::printf("%-40s %6zu", title.c_str(), figures->mood_rows);
    for (const double value : {figures->top1, figures->calibration_error, figures->negative_log_likelihood})
        print_figure(figures->mood_rows, 6, value);
    std::printf("  %6zu", figures->affect_rows);
    for (const double value : {figures->valence_r, figures->arousal_r})
        print_figure(figures->affect_rows, 9, value);
    std::printf("\n");
    return ok_status();
}

Status print_heads(const std::vector<std::filesystem::path>& files, std::span<const LabelledEmbedding> rows) {
    for (const auto& file : files) {
        const auto head = read_head(file);
        if (!head) return head.error();
        if (auto status = print_figures(file.filename().string(), *head, rows); !status) return status;
    }
    return ok_status();
}

void print_strengths(const char* what, const std::vector<TriedStrength>& tried, double chosen) {
    std::printf("%s on the held-back rows by l2:", what);
    for (const TriedStrength& strength : tried)
        std::printf("  %g: %.4f%s", strength.l2, strength.loss, strength.l2 == chosen ? " *" : "");
    std::printf("\n");
}

// The rows to learn from, and those to choose by.
Result<SplitRows> divide(const HeadCommandOptions& options, LabelledEmbeddings all) {
    if (options.held_back.empty())
        return split_rows(std::move(all.rows), options.held_back_share, options.seed);
    auto held_back = read_labelled_embeddings(options.held_back);
    if (!held_back) return held_back.error();
    if (held_back->width() != all.width() ||
        (!held_back->model.empty() && !all.model.empty() && held_back->model != all.model))
        return usage("made by another model than the rows to learn from", "--held-back");
    return SplitRows{.train = std::move(all.rows), .held_back = std::move(held_back->rows)};
}

}  // namespace

Status run_head(const HeadCommandOptions& options) {
    auto all = read_labelled_embeddings(options.embeddings);
    if (!all) return all.error();
    const std::string model = options.model.empty() ? all->model : options.model;
    if (model.empty()) return usage("the embeddings do not say whose they are; name the model", "--model");
    const auto modality = options.modality.empty() ? all->modality : modality_from_name(options.modality);
    if (!modality) return usage("the embeddings do not say what they are of; name it", "--modality");
    if (all->modality && *all->modality != *modality)
        return usage("the embeddings are of " + std::string(name(*all->modality)), "--modality");

    const std::size_t width = all->width();
    const auto rows = divide(options, *std::move(all));
    if (!rows) return rows.error();
    std::printf("%s, %s: %zu rows of %zu numbers to learn from, %zu held back\n", model.c_str(),
                std::string(name(*modality)).c_str(), rows->train.size(), width, rows->held_back.size());
    std::fflush(stdout);
    const auto trained = train_head(*rows, model, *modality);
    if (!trained) return trained.error();
    print_strengths("cross entropy of the moods", trained->mood_strengths, trained->mood_l2);
    if (trained->affect_from_moods)
        std::printf("no row has valence and arousal: they are learnt from where the moods lie\n");
    print_strengths("squared error of valence and arousal", trained->affect_strengths, trained->affect_l2);
    std::printf("temperature %.2f\n\non the held-back rows:\n", static_cast<double>(trained->temperature));
    const auto head = LinearHead::parse(std::as_bytes(std::span(trained->file)));
    if (!head) return head.error();
    print_titles();
    if (auto status = print_figures("this head", *head, rows->held_back); !status) return status;
    if (auto status = print_heads(options.compare, rows->held_back); !status) return status;
    return write_whole_file(options.out, trained->file);
}

Status run_head_eval(const HeadEvalOptions& options) {
    const auto all = read_labelled_embeddings(options.embeddings);
    if (!all) return all.error();
    if (all->rows.empty()) return usage("there are no rows", "--embeddings");
    print_titles();
    return print_heads(options.heads, all->rows);
}

}  // namespace bgm::train
