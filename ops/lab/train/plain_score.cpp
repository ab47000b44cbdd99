#include "ops/lab/train/plain_score.hpp"

#include <cmath>
#include <initializer_list>
#include <utility>

namespace bgm::train {
namespace {

// The rows of a table are rounded by their largest number: the column must not be much larger than the
// others.
constexpr float kColumnScale = 0.25F;
// Keeps the unit above 0, below which the hidden layer would cut it.
constexpr float kAboveZero = 20.0F;
// Chosen, as kShare, on the development rows of GoEmotions; 0.04 to 0.1 and 0.7 to 0.9 do as well.
constexpr float kRate = 0.08F;
// Of the mean of both log-odds. The network's are about twice as large, so that this is near to equal parts.
constexpr float kShare = 0.8F;
constexpr int kEpochs = 5;
constexpr int kMeanFrom = 4;
constexpr float kBiasRate = 0.01F;  // of that of the features

void add_column(TrainedTable& table, const EmbeddingBag& column) {
    std::vector<float> rows;
    rows.reserve(table.features.size() * (table.width + 1));
    for (std::size_t row = 0; row < table.features.size(); ++row) {
        const float* values = table.rows.data() + row * table.width;
        rows.insert(rows.end(), values, values + table.width);
        rows.push_back(kColumnScale * column.row(row).front());
    }
    table.rows = std::move(rows);
    ++table.width;
}

// One more input, whose weights are 0: at the end of each of `parts` equal parts of the row.
void add_inputs(TrainedLayer& layer, std::size_t parts) {
    const std::size_t width = layer.inputs / parts;
    std::vector<float> weight;
    for (std::size_t part = 0; part < layer.outputs * parts; ++part) {
        const float* values = layer.weight.data() + part * width;
        weight.insert(weight.end(), values, values + width);
        weight.push_back(0);
    }
    layer.weight = std::move(weight);
    layer.inputs += parts;
}

}  // namespace

void PlainScore::step(const PlainExample& example, float rate) {
    const float words_scale = scale_of(example.words);
    const float characters_scale = scale_of(example.characters);
    float words = 0, characters = 0;
    words_.forward(example.words, words_scale, {&words, 1});
    characters_.forward(example.characters, characters_scale, {&characters, 1});
    const float gradient = 1.0F / (1.0F + std::exp(-(words + characters + bias_))) - example.felt;
    words_.step(example.words, words_scale, {&gradient, 1}, rate);
    characters_.step(example.characters, characters_scale, {&gradient, 1}, rate);
    bias_ -= kBiasRate * rate * gradient;
}

void PlainScore::train(std::vector<PlainExample> examples, Random& random) {
    const double steps = static_cast<double>(examples.size()) * kEpochs;
    std::size_t done = 0;
    for (int epoch = 1; epoch <= kEpochs; ++epoch) {
        shuffle(examples, random);
        for (const PlainExample& example : examples)
            step(example, kRate * static_cast<float>(1.0 - 0.95 * static_cast<double>(done++) / steps));
        if (epoch < kMeanFrom) continue;
        words_.accumulate_mean();
        characters_.accumulate_mean();
    }
    words_.use_mean();
    characters_.use_mean();
}

void PlainScore::join(TrainedText& trained) const {
    add_column(trained.words, words_);
    add_column(trained.characters, characters_);
    add_inputs(trained.hidden, 4);
    std::vector<float> unit(trained.hidden.inputs, 0.0F);
    unit[trained.words.width - 1] = 1 / kColumnScale;
    unit[trained.words.width + trained.characters.width - 1] = 1 / kColumnScale;
    trained.hidden.weight.insert(trained.hidden.weight.end(), unit.begin(), unit.end());
    trained.hidden.bias.push_back(bias_ + kAboveZero);
    ++trained.hidden.outputs;
    for (TrainedLayer* layer : {&trained.mood, &trained.affect, &trained.felt, &trained.five_moods})
        add_inputs(*layer, 1);
    for (float& weight : trained.felt.weight)
        weight *= 1 - kShare;
    trained.felt.weight.back() = kShare;
    trained.felt.bias.front() = (1 - kShare) * trained.felt.bias.front() - kShare * kAboveZero;
}

}  // namespace bgm::train
