#include "ops/lab/train/grave_trainer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>

#include "ops/lab/train/embedding_bag.hpp"
#include "ops/lab/train/trained_text.hpp"
#include "ops/lab/train/vocabulary.hpp"
#include "workers/text/grave.hpp"
#include "workers/text/grave_network.hpp"

namespace bgm::train {
namespace {

constexpr std::size_t kOutputs = 1 + kGraveSubjects.size();
constexpr std::size_t kSurroundingBytesMax = 90;  // longer ones would drown the sentence

using Targets = std::array<float, kOutputs>;

struct Sample {
    std::string text;
    Targets targets{};
};

Targets targets_of(std::uint8_t subjects) {
    Targets targets{};
    if (subjects != 0) targets[0] = 1;
    for (std::size_t i = 0; i + 1 < kOutputs; ++i)
        targets[i + 1] = static_cast<float>(subjects >> i & 1U);
    return targets;
}

/// 0: English, 1: Korean.
std::size_t language_of(std::string_view text) {
    // U+AC00 to U+D7A3 begin with 0xEA to 0xED.
    const bool has_hangul = std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0xEA && byte <= 0xED;
    });
    return has_hangul ? 1 : 0;
}

/// A dense layer with Adagrad, a step a batch.
class Layer {
 public:
    Layer(std::size_t inputs, std::size_t outputs, Random& random)
        : inputs_(inputs),
          weight_(inputs * outputs),
          bias_(outputs),
          weight_gradient_(weight_.size()),
          bias_gradient_(outputs),
          weight_squares_(weight_.size()),
          bias_squares_(outputs) {
        const double spread = std::sqrt(6.0 / static_cast<double>(inputs + outputs));
        for (float& value : weight_)
            value = static_cast<float>((static_cast<double>(random() >> 11U) * 0x1.0p-52 - 1) * spread);
    }

    void forward(std::span<const float> in, std::span<float> out) const {
        for (std::size_t o = 0; o < out.size(); ++o) {
            float sum = bias_[o];
            for (std::size_t i = 0; i < inputs_; ++i)
                sum += weight_[o * inputs_ + i] * in[i];
            out[o] = sum;
        }
    }

    /// Adds to the gradients, and writes that of the inputs.
    void backward(std::span<const float> in, std::span<const float> gradient, std::span<float> in_gradient) {
        std::ranges::fill(in_gradient, 0.0F);
        for (std::size_t o = 0; o < gradient.size(); ++o) {
            bias_gradient_[o] += gradient[o];
            for (std::size_t i = 0; i < inputs_; ++i) {
                weight_gradient_[o * inputs_ + i] += gradient[o] * in[i];
                in_gradient[i] += gradient[o] * weight_[o * inputs_ + i];
            }
        }
    }

    void step(double rate, std::size_t batch) {
        step(weight_, weight_gradient_, weight_squares_, rate, batch);
        step(bias_, bias_gradient_, bias_squares_, rate, batch);
    }

    TrainedLayer trained() const {
        return {.outputs = bias_.size(), .inputs = inputs_, .weight = weight_, .bias = bias_};
    }

 private:
    static void step(std::vector<float>& values, std::vector<float>& gradients, std::vector<float>& squares,
                     double rate, std::size_t batch) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float gradient = gradients[i] / static_cast<float>(batch);
            squares[i] += gradient * gradient;
            values[i] -= static_cast<float>(rate) * gradient / std::sqrt(squares[i] + 1e-8F);
            gradients[i] = 0;
        }
    }

    std::size_t inputs_;
    std::vector<float> weight_, bias_;
    std::vector<float> weight_gradient_, bias_gradient_;
    std::vector<float> weight_squares_, bias_squares_;
};

class Trainer {
 public:
    Trainer(const GraveTexts& texts, const GraveTrainOptions& options)
        : texts_(texts),
          options_(options),
          random_(options.seed),
          hidden_(2 * options.width, options.hidden, random_),
          out_(options.hidden + texts.feelings.width(), kOutputs, random_) {
        for (const std::string& comment : texts.comments) {
            const std::size_t language = language_of(comment);
            if (comment.size() <= kSurroundingBytesMax) short_comments_[language].push_back(&comment);
            comments_[language].push_back(&comment);
        }
        for (const Sample& sample : draw_epoch()) {
            TextFeatures features = features_of(sample.text);
            words_.count(features.words);
            characters_.count(features.characters);
        }
        words_.close(options.word_texts_min);
        characters_.close(options.character_texts_min);
        word_bag_.emplace(words_.features().size(), options.width, options.seed);
        character_bag_.emplace(characters_.features().size(), options.width, options.seed + 1);
    }

    double epoch(double rate) {
        double loss = 0;
        std::size_t in_batch = 0;
        const auto samples = draw_epoch();
        for (const Sample& sample : samples) {
            loss += learn(sample, rate);
            if (++in_batch < options_.batch) continue;
            hidden_.step(options_.dense_rate * rate, in_batch);
            out_.step(options_.dense_rate * rate, in_batch);
            in_batch = 0;
        }
        return loss / static_cast<double>(samples.size());
    }

    TrainedGrave trained() const {
        return {.words = trained_table(words_.features(), *word_bag_),
                .characters = trained_table(characters_.features(), *character_bag_),
                .hidden = hidden_.trained(),
                .grave = out_.trained(),
                .probe = feelings_of(kGraveProbe),
                .phrases = {}};
    }

    std::size_t words() const { return words_.features().size(); }
    std::size_t characters() const { return characters_.features().size(); }

 private:
    static TextFeatures features_of(std::string_view text) {
        TextFeatures features;
        extract_grave_features(normalise(text), features);
        return features;
    }

    std::vector<float> feelings_of(std::string_view text) const {
        TextFeatures features;
        extract_features(normalise(text), features);
        return texts_.feelings.embed(features).values;
    }

    template <typename Item>
    const Item& any_of(const std::vector<Item>& items) {
        return items[draw(random_, items.size())];
    }

    /// With a short comment in its language before or behind it, now and then; true where there is one.
    bool surround(std::string& text) {
        constexpr std::array kBetween{". ", " ", "... ", "! ", ", "};
        const auto& others = short_comments_[language_of(text)];
        if (others.empty() || !chance(random_, options_.surrounded_share)) return false;
        const std::string& other = *any_of(others);
        const char* const between = kBetween[draw(random_, kBetween.size())];
        text = chance(random_, 0.5) ? text + between + other : other + between + text;
        return true;
    }

    Sample drawn(GraveExample example) {
        constexpr std::array kEnds{"", "", "", "", ".", "...", " ㅠㅠ", " 😭", " 💔", "!", " ㅜㅜ", "!!", " 😢"};
        if (!surround(example.text)) example.text += kEnds[draw(random_, kEnds.size())];
        return {.text = std::move(example.text), .targets = targets_of(example.subjects)};
    }

    Sample drawn_comment(const std::vector<const std::string*>& comments) {
        std::string text = *any_of(comments);
        if (text.size() <= kSurroundingBytesMax) surround(text);
        return {.text = std::move(text), .targets = {}};
    }

    std::vector<Sample> draw_epoch() {
        std::vector<Sample> samples;
        for (std::size_t i = 0; i < options_.grave; ++i)
            samples.push_back(drawn(texts_.phrases.draw_grave(random_)));
        for (std::size_t i = 0; i < options_.traps; ++i)
            samples.push_back(drawn(texts_.phrases.draw_trap(random_)));
        for (const GraveExample& comment : texts_.judged) {
            const std::size_t times =
                comment.subjects != 0 ? options_.judged_grave : options_.judged_harmless;
            for (std::size_t i = 0; i < times; ++i)
                samples.push_back(drawn(comment));
        }
        for (std::size_t i = 0; i < options_.comments; ++i) {
            const auto& comments = comments_[i % comments_.size()];
            if (!comments.empty()) samples.push_back(drawn_comment(comments));
        }
        for (std::size_t i = 0; i < options_.ordinary && !texts_.ordinary.empty(); ++i) {
            std::string text = drawn_from(any_of(texts_.ordinary), random_);
            if (find_grave(normalise(text)) == 0) samples.push_back({.text = std::move(text), .targets = {}});
        }
        shuffle(samples, random_);
        return samples;
    }

    std::vector<std::uint32_t> kept_rows(const Vocabulary& vocabulary,
                                         std::span<const std::uint32_t> features) {
        std::vector<std::uint32_t> rows;
        for (const std::uint32_t feature : features) {
            const auto row = vocabulary.row(feature);
            if (row && !chance(random_, options_.feature_dropout)) rows.push_back(*row);
        }
        return rows;
    }

    double learn(const Sample& sample, double rate) {
        const TextFeatures features = features_of(sample.text);
        const auto words = kept_rows(words_, features.words);
        const auto characters = kept_rows(characters_, features.characters);
        std::vector<float> in(2 * options_.width), hidden(options_.hidden);
        const auto halves = [&](std::span<float> both, std::size_t half) {
            return both.subspan(half * options_.width, options_.width);
        };
        word_bag_->forward(words, scale_of(words), halves(in, 0));
        character_bag_->forward(characters, scale_of(characters), halves(in, 1));
        hidden_.forward(in, hidden);
        for (float& value : hidden)
            value = std::max(0.0F, value);
        std::vector<float> both = hidden;
        const float scale = chance(random_, options_.feeling_dropout) ? 0.0F : kFeelingScale;
        for (const float value : feelings_of(sample.text))
            both.push_back(value * scale);
        Targets logits{}, gradient{};
        out_.forward(both, logits);
        double loss = 0;
        for (std::size_t o = 0; o < kOutputs; ++o) {
            const double share = 1 / (1 + std::exp(-static_cast<double>(logits[o])));
            gradient[o] = static_cast<float>(share - sample.targets[o]);
            if (o > 0) gradient[o] *= 0.3F;  // which one matters less than whether
            if (o == 0) loss -= std::log(std::max(1e-9, sample.targets[0] > 0 ? share : 1 - share));
        }
        std::vector<float> hidden_gradient(both.size()), in_gradient(in.size());
        out_.backward(both, gradient, hidden_gradient);
        hidden_gradient.resize(hidden.size());  // the text encoder stays as it is
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            if (hidden[i] <= 0) hidden_gradient[i] = 0;
        }
        hidden_.backward(in, hidden_gradient, in_gradient);
        const auto sparse = static_cast<float>(options_.sparse_rate * rate);
        word_bag_->step(words, scale_of(words), halves(in_gradient, 0), sparse);
        character_bag_->step(characters, scale_of(characters), halves(in_gradient, 1), sparse);
        return loss;
    }

    const GraveTexts& texts_;
    const GraveTrainOptions& options_;
    // English, Korean: as many of each.
    std::array<std::vector<const std::string*>, 2> comments_, short_comments_;
    Random random_;
    Layer hidden_, out_;
    Vocabulary words_, characters_;
    std::optional<EmbeddingBag> word_bag_, character_bag_;
};

}  // namespace

TrainedGrave train_grave(const GraveTexts& texts, const GraveTrainOptions& options,
                         const std::function<void(const std::string&)>& progress) {
    Trainer trainer(texts, options);
    progress(std::to_string(texts.phrases.patterns()) + " patterns, " +
             std::to_string(texts.comments.size()) + " comments, " + std::to_string(texts.judged.size()) +
             " judged by hand, " + std::to_string(trainer.words()) + " word and " +
             std::to_string(trainer.characters()) + " character features");
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        const double loss = trainer.epoch(1.0 - 0.9 * epoch / options.epochs);
        progress("epoch " + std::to_string(epoch + 1) + ": loss " + std::to_string(loss));
    }
    return trainer.trained();
}

}  // namespace bgm::train
