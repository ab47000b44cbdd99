// The same texts read by several folders of mood heads, one after the other: `bgmctl eval --heads`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ops/bgmctl/console/context.hpp"
#include "ops/bgmctl/eval/eval_figures.hpp"
#include "ops/bgmctl/eval/eval_run.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct HeadsEvaluation {
    std::string heads;  // as given
    EvalFigures figures;
    EvalAnswers answers;
};

/// Gives the running daemon each folder of heads in turn ("none": the heads that its workers bring), asks
/// `evaluate` each time, and gives the daemon back the heads that it had, also where something failed.
Result<std::vector<HeadsEvaluation>> compare_heads(
    BgmctlContext& context, const std::vector<std::string>& folders,
    const std::function<Result<HeadsEvaluation>(const std::string& heads)>& evaluate);

void print_heads(std::ostream& out, const std::vector<HeadsEvaluation>& evaluations);

}  // namespace bgm
