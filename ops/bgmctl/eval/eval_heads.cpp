#include "ops/bgmctl/eval/eval_heads.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ops/bgmctl/console/daemon_question.hpp"
#include "ops/bgmctl/console/progress_line.hpp"
#include "ops/bgmctl/console/table.hpp"
#include "ops/bgmctl/models/models_swap.hpp"
#include "ops/bgmctl/post/pick_view.hpp"

namespace bgm {
namespace {

constexpr std::chrono::minutes kSwapWithin{10};

Result<std::string> heads_in_use(BgmctlContext& context) {
    const auto status = ask_daemon(context, {{"op", "status"}});
    if (!status) return status.error();
    const auto models = status->find("models");
    if (models == status->end() || !models->is_object() || !models->contains("heads_dir") ||
        !models->at("heads_dir").is_string()) {
        return Error{ErrorCode::unsupported, "this daemon cannot exchange its heads", "models.heads_dir"};
    }
    return models->at("heads_dir").get<std::string>();
}

std::string decimals(const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f", *value);
    return text.data();
}

}  // namespace

Result<std::vector<HeadsEvaluation>> compare_heads(
    BgmctlContext& context, const std::vector<std::string>& folders,
    const std::function<Result<HeadsEvaluation>(const std::string& heads)>& evaluate) {
    const auto before = heads_in_use(context);
    if (!before) return before.error();
    std::vector<HeadsEvaluation> evaluations;
    Status failure = ok_status();
    for (const std::string& heads : folders) {
        if (const auto swapped = swap_models(context, {{"heads_dir", heads}}, kSwapWithin); !swapped) {
            failure = swapped.error();
            break;
        }
        auto evaluated = evaluate(heads);
        if (!evaluated) {
            failure = evaluated.error();
            break;
        }
        evaluations.push_back(std::move(*evaluated));
    }
    if (const auto restored = swap_models(context, {{"heads_dir", *before}}, kSwapWithin); !restored) {
        Error error = restored.error();
        error.message = "the daemon has not got its own heads back: " + error.message;
        return error;
    }
    if (!failure) return failure.error();
    return evaluations;
}

void print_heads(std::ostream& out, const std::vector<HeadsEvaluation>& evaluations) {
    Table table({{"heads", Table::Align::left, 48},
                 {"texts", Table::Align::right, 0},
                 {"answered", Table::Align::right, 0},
                 {"top-1", Table::Align::right, 0},
                 {"valence r", Table::Align::right, 0},
                 {"arousal r", Table::Align::right, 0},
                 {"polarity", Table::Align::right, 0},
                 {"ambiguous", Table::Align::right, 0}});
    for (const HeadsEvaluation& each : evaluations) {
        table.add_row({printable(each.heads), grouped(each.figures.rows), grouped(each.figures.answered),
                       decimals(each.figures.top1), decimals(each.figures.valence_r),
                       decimals(each.figures.arousal_r), decimals(each.figures.polarity_accuracy),
                       percent_text(each.figures.ambiguous_share)});
    }
    table.print(out);
}

}  // namespace bgm
