#include "ops/teaching/teach.hpp"

#include <algorithm>
#include <span>

#include "ops/teaching/head_fit.hpp"
#include "ops/teaching/mood_mix.hpp"

namespace bgm {
namespace {

constexpr double kLookShare = 0.25;  // of the work: sums of products
constexpr double kFitShare = 0.11;   // each of six

// The folds that head number `which` learns from: all but one, and at last all.
Folds folds_of(std::size_t which) {
    Folds folds;
    folds.fill(true);
    if (which < kSeedFolds) folds[which] = false;
    return folds;
}

Result<LinearHead> parse(const std::string& file) {
    return LinearHead::parse(std::as_bytes(std::span(file)));
}

Error interrupted() {
    return Error{.code = ErrorCode::unavailable, .message = "teach: was interrupted"};
}

}  // namespace

Result<Lesson> teach(const SeedRows& rows, const LinearHead& in_use, const LessonOptions& options) {
    Lesson lesson{.seeds = rows.size(), .people = rows.groups()};
    std::array<std::size_t, kSeedFolds> in_fold{};
    for (std::size_t row = 0; row < rows.size(); ++row)
        ++in_fold[fold_of(rows.label(row).group)];
    if (rows.size() == 0) return Error{.code = ErrorCode::invalid_argument, .message = "there are no seeds"};
    if (rows.size() < kSeedsMin || lesson.people < kPeopleMin ||
        std::find(in_fold.begin(), in_fold.end(), 0U) != in_fold.end()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "there are " + std::to_string(rows.size()) + " seeds of " +
                                std::to_string(lesson.people) +
                                " people or artists, too few to learn from (" + std::to_string(kSeedsMin) +
                                " of " + std::to_string(kPeopleMin) + ")"};
    }
    const auto at = [&](double share) { return !options.progress || options.progress(share); };
    std::vector<std::string> done = options.done;
    lesson.kept = done.size();
    if (done.size() < kSeedFolds + 1) {
        auto fit = HeadFit::open(rows, in_use, [&](std::size_t row) {
            return at(kLookShare * static_cast<double>(row) / static_cast<double>(rows.size()));
        });
        if (!fit) return fit.error();
        while (done.size() < kSeedFolds + 1) {
            if (!at(kLookShare + kFitShare * static_cast<double>(done.size()))) return interrupted();
            auto file = fit->fit(folds_of(done.size()));
            if (!file) return file.error();
            done.push_back(*std::move(file));
            if (!options.on_done) continue;
            if (Status noted = options.on_done(done); !noted) return noted.error();
        }
    }
    std::vector<LinearHead> heads;
    for (const std::string& file : done) {
        auto head = parse(file);
        if (!head) return head.error();
        if (head->width() != rows.width() || head->model() != in_use.model())
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "what was done before is of another model"};
        heads.push_back(*std::move(head));
    }
    const MoodDistribution mix = mood_mix(rows);
    HeadJudge judge_of;
    std::vector<float> embedding(rows.width());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row % 4096 == 0 && !at(kLookShare + 6 * kFitShare)) return interrupted();
        const SeedLabel& label = rows.label(row);
        rows.embedding(row, embedding.data());
        const auto before = in_use.read(embedding, 1);
        const auto after = heads[fold_of(label.group)].read(embedding, 1);
        if (before && after) judge_of.add(label, mix, *before, *after);
    }
    lesson.figures = judge_of.compare();
    lesson.verdict = judge(lesson.figures);
    lesson.head = std::move(done.back());
    return lesson;
}

}  // namespace bgm
