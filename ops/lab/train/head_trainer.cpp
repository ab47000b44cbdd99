#include "ops/lab/train/head_trainer.hpp"

#include <torch/optim/lbfgs.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "fusion/mood/head.hpp"
#include "ops/evaluation/head_figures.hpp"
#include "schemas/safetensors.hpp"

namespace bgm::train {
namespace {

constexpr std::array kStrengths{1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6};
constexpr int kStepsMax = 200;    // of L-BFGS, for one strength
constexpr double kSpread = 0.01;  // of every row's moods over all thirteen
constexpr int kWorseMax = 2;      // strengths in a row after which weaker ones are not tried

Error unusable(std::string message) {
    return Error{.code = ErrorCode::invalid_argument, .message = "head: " + std::move(message)};
}

// Rows as one matrix, and what each is to give.
struct Matrix {
    torch::Tensor inputs;   // [rows, width]
    torch::Tensor targets;  // [rows, outputs]
};

template <typename Wanted, typename Target>
Matrix matrix(const std::vector<LabelledEmbedding>& rows, std::size_t width, std::size_t outputs,
              const Wanted& wanted, const Target& target) {
    std::vector<float> inputs;
    std::vector<float> targets;
    std::int64_t count = 0;
    for (const LabelledEmbedding& row : rows) {
        if (!wanted(row)) continue;
        inputs.insert(inputs.end(), row.embedding.begin(), row.embedding.end());
        target(row, targets);
        ++count;
    }
    const auto shaped = [count](std::vector<float>& values, std::size_t columns) {
        return torch::from_blob(values.data(), {count, static_cast<std::int64_t>(columns)}).clone();
    };
    return {shaped(inputs, width), shaped(targets, outputs)};
}

Matrix mood_matrix(const std::vector<LabelledEmbedding>& rows, std::size_t width) {
    return matrix(
        rows, width, kMoodCount, [](const auto& row) { return row.has_moods(); },
        [](const auto& row, auto& targets) {
            targets.insert(targets.end(), row.moods.begin(), row.moods.end());
        });
}

Matrix affect_matrix(const std::vector<LabelledEmbedding>& rows, std::size_t width, bool from_moods) {
    return matrix(
        rows, width, 2,
        [from_moods](const auto& row) { return from_moods ? row.has_moods() : row.affect.has_value(); },
        [from_moods](const auto& row, auto& targets) {
            Affect place = row.affect.value_or(Affect{});
            if (from_moods) {
                place = {};
                for (std::size_t i = 0; i < kMoodCount; ++i) {
                    place.valence += row.moods[i] * affect(static_cast<Mood>(i)).valence;
                    place.arousal += row.moods[i] * affect(static_cast<Mood>(i)).arousal;
                }
            }
            targets.push_back(place.valence);
            targets.push_back(place.arousal);
        });
}

// Centring and one scale for all numbers of an embedding.
struct Scaling {
    torch::Tensor mean;  // [width]
    double scale = 1;

    explicit Scaling(const torch::Tensor& inputs)
        : mean(inputs.mean(0)), scale(std::sqrt((inputs - mean).square().mean().item<double>())) {
        if (!(scale > 0)) scale = 1;  // all rows alike: nothing to learn, and nothing to divide by
    }
    torch::Tensor apply(const torch::Tensor& inputs) const { return (inputs - mean) / scale; }
};

// Weights and biases on scaled inputs.
struct Layer {
    torch::Tensor weight;  // [outputs, width]
    torch::Tensor bias;    // [outputs]

    torch::Tensor operator()(const torch::Tensor& inputs) const {
        return torch::addmm(bias, inputs, weight.t());
    }
    /// The same function of inputs as they come.
    Layer unscaled(const Scaling& scaling) const {
        const torch::Tensor plain = weight / scaling.scale;
        return {plain, bias - plain.mv(scaling.mean)};
    }
};

struct Fitted {
    Layer layer;
    double l2 = 0;
    std::vector<TriedStrength> tried;
};

// From the strongest l2 to weaker ones, until two in a row did worse than the best on what was held back.
template <typename Fit, typename Loss>
Fitted choose_strength(const Fit& fit, const Loss& loss) {
    Fitted best;
    double least = std::numeric_limits<double>::infinity();
    int worse = 0;
    for (const double l2 : kStrengths) {
        const Layer layer = fit(l2);
        const double held_back = loss(layer);
        best.tried.push_back({l2, held_back});
        if (held_back < least) {
            least = held_back;
            best.layer = {layer.weight.detach().clone(), layer.bias.detach().clone()};
            best.l2 = l2;
            worse = 0;
        } else if (++worse == kWorseMax) {
            break;
        }
    }
    return best;
}

torch::Tensor cross_entropy(const Layer& layer, const Matrix& rows) {
    return -(rows.targets * torch::log_softmax(layer(rows.inputs), 1)).sum(1).mean();
}

Fitted fit_moods(Matrix train, Matrix held_back, const Scaling& scaling) {
    train.inputs = scaling.apply(train.inputs);
    train.targets = train.targets * (1 - kSpread) + kSpread / static_cast<double>(kMoodCount);
    held_back.inputs = scaling.apply(held_back.inputs);
    // Each strength starts where the one before it ended.
    Layer layer{torch::zeros({static_cast<std::int64_t>(kMoodCount), train.inputs.size(1)}),
                torch::zeros({static_cast<std::int64_t>(kMoodCount)})};
    layer.weight.set_requires_grad(true);
    layer.bias.set_requires_grad(true);
    return choose_strength(
        [&](double l2) {
            torch::optim::LBFGS optimiser({layer.weight, layer.bias}, torch::optim::LBFGSOptions(1)
                                                                          .max_iter(kStepsMax)
                                                                          .tolerance_grad(1e-5)
                                                                          .tolerance_change(1e-8)
                                                                          .history_size(10)
                                                                          .line_search_fn("strong_wolfe"));
            optimiser.step([&] {
                optimiser.zero_grad();
                torch::Tensor loss = cross_entropy(layer, train) + l2 / 2 * layer.weight.square().sum();
                loss.backward();
                return loss;
            });
            return layer;
        },
        [&](const Layer& fitted) {
            const torch::NoGradGuard no_gradients;
            return cross_entropy(fitted, held_back).item<double>();
        });
}

Fitted fit_affect(const Matrix& train, Matrix held_back, const Scaling& scaling) {
    const torch::NoGradGuard no_gradients;
    // In double: the sums of products are squares of what they are made of.
    const torch::Tensor inputs = scaling.apply(train.inputs).to(torch::kFloat64);
    const torch::Tensor middle = inputs.mean(0);
    const torch::Tensor centred = inputs - middle;
    const torch::Tensor target_mean = train.targets.to(torch::kFloat64).mean(0);
    const torch::Tensor targets = train.targets.to(torch::kFloat64) - target_mean;
    const auto count = static_cast<double>(inputs.size(0));
    const torch::Tensor squares = centred.t().mm(centred) / count;
    const torch::Tensor products = centred.t().mm(targets) / count;
    held_back.inputs = scaling.apply(held_back.inputs);
    return choose_strength(
        [&](double l2) {
            const torch::Tensor ridge = squares + l2 * torch::eye(squares.size(0), squares.options());
            const torch::Tensor weight = torch::linalg_solve(ridge, products).t().contiguous();
            return Layer{weight.to(torch::kFloat32), (target_mean - weight.mv(middle)).to(torch::kFloat32)};
        },
        [&](const Layer& fitted) {
            return (fitted(held_back.inputs) - held_back.targets).square().mean().item<double>();
        });
}

TensorToWrite to_write(const std::string& name, const torch::Tensor& values) {
    const torch::Tensor flat = values.contiguous();
    return {.name = name,
            .dtype = "F32",
            .shape = flat.sizes().vec(),
            .data = std::string(reinterpret_cast<const char*>(flat.data_ptr<float>()), flat.nbytes())};
}

std::string head_file(const Layer& moods, const Layer& affects, const std::string& model, Modality modality,
                      float temperature) {
    return write_safetensors(
        {to_write("affect.bias", affects.bias), to_write("affect.weight", affects.weight),
         to_write("mood.bias", moods.bias), to_write("mood.weight", moods.weight)},
        {{"model", model},
         {"modality", std::string(name(modality))},
         {"temperature", std::to_string(temperature)},
         {"precision", "1.0"},
         {"origin", "bgm-train head"}});
}

std::size_t moods_named(const std::vector<LabelledEmbedding>& rows) {
    GoldMoods named{};
    for (const LabelledEmbedding& row : rows) {
        const GoldMoods gold = row.gold();
        for (std::size_t i = 0; i < kMoodCount; ++i)
            named[i] = named[i] || gold[i];
    }
    return static_cast<std::size_t>(std::count(named.begin(), named.end(), true));
}

Status check(const SplitRows& rows, bool from_moods) {
    const auto any = [](const std::vector<LabelledEmbedding>& side, const auto& wanted) {
        return std::any_of(side.begin(), side.end(), wanted);
    };
    const auto with_moods = [](const LabelledEmbedding& row) { return row.has_moods(); };
    const auto with_affect = [](const LabelledEmbedding& row) { return row.affect.has_value(); };
    if (moods_named(rows.train) < 2) return unusable("the rows to learn from name fewer than two moods");
    if (!any(rows.held_back, with_moods)) return unusable("no held-back row names a mood");
    if (!from_moods && !any(rows.held_back, with_affect))
        return unusable("no held-back row has valence and arousal");
    const std::size_t width = rows.train.front().embedding.size();
    const auto other_width = [width](const LabelledEmbedding& row) { return row.embedding.size() != width; };
    if (any(rows.train, other_width) || any(rows.held_back, other_width))
        return unusable("the embeddings are of different widths");
    return ok_status();
}

}  // namespace

SplitRows split_rows(std::vector<LabelledEmbedding> rows, double share, std::uint64_t seed) {
    // By hand: the standard leaves it open how std::shuffle draws.
    std::mt19937_64 numbers(seed);
    for (std::size_t i = rows.size(); i > 1; --i)
        std::swap(rows[i - 1], rows[numbers() % i]);
    SplitRows split;
    if (rows.size() < 2) {
        split.train = std::move(rows);
        return split;
    }
    const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(rows.size())));
    const std::size_t held_back = std::clamp<std::size_t>(wanted, 1, rows.size() - 1);
    const auto border = rows.end() - static_cast<std::ptrdiff_t>(held_back);
    split.held_back.assign(std::make_move_iterator(border), std::make_move_iterator(rows.end()));
    rows.erase(border, rows.end());
    split.train = std::move(rows);
    return split;
}

Result<TrainedHead> train_head(const SplitRows& rows, const std::string& model, Modality modality) {
    const bool from_moods =
        std::none_of(rows.train.begin(), rows.train.end(), [](const auto& row) { return row.affect; });
    if (auto status = check(rows, from_moods); !status) return status.error();
    const std::size_t width = rows.train.front().embedding.size();
    Matrix moods = mood_matrix(rows.train, width);
    const Scaling scaling(moods.inputs);
    const Fitted mood = fit_moods(std::move(moods), mood_matrix(rows.held_back, width), scaling);
    const Fitted plane = fit_affect(affect_matrix(rows.train, width, from_moods),
                                    affect_matrix(rows.held_back, width, from_moods), scaling);
    TrainedHead trained{.file = {},
                        .temperature = 1,
                        .mood_strengths = mood.tried,
                        .affect_strengths = plane.tried,
                        .mood_l2 = mood.l2,
                        .affect_l2 = plane.l2,
                        .affect_from_moods = from_moods};
    const Layer mood_layer = mood.layer.unscaled(scaling);
    const Layer affect_layer = plane.layer.unscaled(scaling);
    const std::string raw = head_file(mood_layer, affect_layer, model, modality, 1);
    const auto head = LinearHead::parse(std::as_bytes(std::span(raw)));
    if (!head) return head.error();
    const auto temperature = fit_temperature(*head, rows.held_back);
    if (!temperature) return temperature.error();
    trained.temperature = *temperature;
    trained.file = head_file(mood_layer, affect_layer, model, modality, *temperature);
    return trained;
}

}  // namespace bgm::train
