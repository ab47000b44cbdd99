#include "ops/lab/train/text_trainer.hpp"

#include <torch/torch.h>

#include <cmath>
#include <cstdio>

#include "ops/lab/train/augment.hpp"
#include "ops/lab/train/embedding_bag.hpp"
#include "ops/lab/train/mood_targets.hpp"
#include "ops/lab/train/plain_score.hpp"
#include "ops/lab/train/vocabulary.hpp"
#include "workers/text/features.hpp"

namespace bgm::train {
namespace {

// The last layer's outputs, side by side.
struct Outputs {
    std::int64_t begin;
    std::int64_t count;
    torch::Tensor of(const torch::Tensor& all) const { return all.slice(1, begin, begin + count); }
};
constexpr Outputs kMoods{0, 13};
constexpr Outputs kAffect{13, 2};
constexpr Outputs kFive{15, 5};
constexpr Outputs kGoEmotions{20, 28};
constexpr Outputs kKote{48, 44};
constexpr Outputs kChat{92, 3};
constexpr Outputs kFelt{95, 1};
constexpr std::int64_t kOutputCount = 96;

// Weights of the losses. EmoBank's differences are small numbers, hence the large factor.
constexpr float kAffectWeight = 4.0F;
constexpr float kEmoBankWeight = 11.0F;
constexpr float kPolaritySharpness = 4.0F;  // logit = this * valence
constexpr float kGoEmotionsWeight = 2.0F;
constexpr float kKoteWeight = 0.3F;
constexpr float kChatWeight = 0.3F;
constexpr float kNeutralWeight = 0.1F;
// Averaging starts here: before, the weights still move in one direction.
constexpr double kMeanFrom = 0.4;

// The small sets with the richest labels are read more often.
std::size_t times_an_epoch(Task task) {
    if (task == Task::affect) return 3;
    return task == Task::kote ? 2 : 1;
}

// Texts from the lexicon that vote for the features that get a vector.
constexpr std::size_t kLexiconDraws = 20'000;
// Of the plain score's examples. Slang is rare in the sets, and rare words are plain to a regression.
constexpr double kLexiconShareOfPlain = 0.12;

// The rows of a text's features. Those of denied words are marked until dropout has chosen, then listed once
// more.
constexpr std::uint32_t kDenied = std::uint32_t{1} << 31U;
struct Rows {
    std::vector<std::uint32_t> words, characters;
    std::vector<std::uint32_t> denied_words, denied_characters;

    void list_denied() {
        for (auto [all, denied] : {std::pair{&words, &denied_words}, {&characters, &denied_characters}}) {
            for (std::uint32_t& row : *all) {
                if ((row & kDenied) == 0) continue;
                row &= ~kDenied;
                denied->push_back(row);
            }
        }
    }
};

// What one batch should have answered. Masks say which example knows an answer to which task.
struct Targets {
    explicit Targets(std::int64_t batch)
        : moods(torch::zeros({batch, kMoods.count})),
          mood_weight(torch::zeros({batch})),
          neutral(torch::zeros({batch})),
          felt(torch::zeros({batch})),
          felt_weight(torch::zeros({batch})),
          affect(torch::zeros({batch, 2})),
          affect_weight(torch::zeros({batch, 1})),
          polarity(torch::zeros({batch})),
          has_polarity(torch::zeros({batch})),
          five(torch::zeros({batch, kFive.count})),
          has_five(torch::zeros({batch, 1})),
          goemotions(torch::zeros({batch, kGoEmotions.count})),
          has_goemotions(torch::zeros({batch, 1})),
          kote(torch::zeros({batch, kKote.count})),
          has_kote(torch::zeros({batch, 1})),
          chat(torch::zeros({batch, kChat.count})) {}

    void set(std::int64_t row, const Example& example, const MoodTarget& target) {
        for (std::size_t mood = 0; mood < kMoodCount; ++mood)
            at(moods, row, static_cast<std::int64_t>(mood)) = target.weights[mood];
        at(mood_weight, row) = target.mood_weight;
        at(felt, row) = target.felt;
        at(felt_weight, row) = target.felt_weight;
        if (example.has_affect) {
            at(affect_weight, row, 0) = example.task == Task::affect ? kEmoBankWeight : 1.0F;
            at(affect, row, 0) = example.affect.valence;
            at(affect, row, 1) = example.affect.arousal;
        }
        if (example.polarity != 0) {
            at(has_polarity, row) = 1;
            at(polarity, row) = example.polarity > 0 ? 1.0F : 0.0F;
        }
        if (example.task == Task::goemotions) {
            at(has_goemotions, row, 0) = 1;
            for (auto label : example.labels)
                at(goemotions, row, label) = 1;
            at(neutral, row) = target.mood_weight > 0 ? 0.0F : 1.0F;
            if (example.in_five_moods) {
                at(has_five, row, 0) = 1;
                for (std::size_t i = 0; i < kFiveMoods.size(); ++i) {
                    at(five, row, static_cast<std::int64_t>(i)) = example.five_moods[i] ? 1.0F : 0.0F;
                }
            }
        }
        if (example.task == Task::kote) {
            at(has_kote, row, 0) = 1;
            for (auto label : example.labels)
                at(kote, row, label) = 1;
        }
        if (example.task == Task::chat) at(chat, row, example.labels.front()) = 1;
    }

    static float& at(torch::Tensor& tensor, std::int64_t row, std::int64_t column = 0) {
        const std::int64_t width = tensor.dim() == 1 ? 1 : tensor.size(1);
        return tensor.data_ptr<float>()[row * width + column];
    }

    torch::Tensor moods, mood_weight, neutral, felt, felt_weight, affect, affect_weight, polarity,
        has_polarity, five, has_five, goemotions, has_goemotions, kote, has_kote, chat;
};

torch::Tensor loss_of(const torch::Tensor& outputs, const Targets& targets, const torch::Tensor& log_shares,
                      double felt_weight) {
    const auto labels = [&](const Outputs& range, const torch::Tensor& wanted, const torch::Tensor& mask) {
        return (torch::binary_cross_entropy_with_logits(range.of(outputs), wanted, {}, {},
                                                        at::Reduction::None) *
                mask)
            .sum();
    };
    // The likelihood that the mood drawn is one of the gold moods.
    const auto log_moods = torch::log_softmax(kMoods.of(outputs) + log_shares, 1);
    auto loss = -((log_moods + (targets.moods + 1e-12).log()).logsumexp(1) * targets.mood_weight).sum();
    loss = loss + (torch::binary_cross_entropy_with_logits(kFelt.of(outputs).squeeze(1), targets.felt, {}, {},
                                                           at::Reduction::None) *
                   targets.felt_weight)
                          .sum() *
                      felt_weight;
    // A text without a mood should favour none, so that it comes out as ambiguous.
    loss = loss - (log_moods.mean(1) * targets.neutral).sum() * kNeutralWeight;
    const auto affect = kAffect.of(outputs);
    loss = loss + ((affect - targets.affect).pow(2) * targets.affect_weight).sum() * kAffectWeight;
    loss = loss + (torch::binary_cross_entropy_with_logits(affect.select(1, 0) * kPolaritySharpness,
                                                           targets.polarity, {}, {}, at::Reduction::None) *
                   targets.has_polarity)
                      .sum();
    loss = loss + labels(kFive, targets.five, targets.has_five);
    loss = loss + labels(kGoEmotions, targets.goemotions, targets.has_goemotions) * kGoEmotionsWeight;
    loss = loss + labels(kKote, targets.kote, targets.has_kote) * kKoteWeight;
    loss = loss - (torch::log_softmax(kChat.of(outputs), 1) * targets.chat).sum() * kChatWeight;
    return loss / outputs.size(0);
}

class Trainer {
 public:
    Trainer(const TrainingSet& set, const TextTrainOptions& options)
        : set_(set),
          options_(options),
          augment_(set.lexicon, set.train),
          mood_targets_(set.train, {.rarity = options.rarity,
                                    .group_weight = options.group_weight,
                                    .chat_weight = options.chat_weight}),
          random_(options.seed) {
        at::set_num_threads(1);
        torch::manual_seed(static_cast<std::int64_t>(options.seed));
        build_vocabularies();
        word_bag_ = std::make_unique<EmbeddingBag>(words_.features().size(), options.width, options.seed);
        character_bag_ =
            std::make_unique<EmbeddingBag>(characters_.features().size(), options.width, options.seed + 1);
        hidden_ = torch::nn::Linear(inputs(), static_cast<std::int64_t>(options.hidden));
        output_ = torch::nn::Linear(static_cast<std::int64_t>(options.hidden), kOutputCount);
        torch::NoGradGuard no_gradient;
        output_->weight.mul_(0.3);
        hidden_->weight.slice(1, inputs() / 2).zero_();  // what a denial means is learned from nothing
        log_shares_ = torch::zeros({1, kMoods.count});
        for (std::size_t k = 0; k < kMoodCount; ++k)
            log_shares_.data_ptr<float>()[k] =
                static_cast<float>(options.adjustment * std::log(mood_targets_.shares()[k]));
    }

    TrainedText run(const std::function<void(const std::string&)>& progress) {
        std::vector<torch::Tensor> parameters = hidden_->parameters();
        for (const auto& parameter : output_->parameters())
            parameters.push_back(parameter);
        torch::optim::Adam adam(parameters, torch::optim::AdamOptions(options_.dense_rate));
        std::vector<torch::Tensor> means;
        int mean_count = 0;

        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < set_.train.size(); ++i)
            order.insert(order.end(), times_an_epoch(set_.train[i].task), i);
        const std::size_t batches = order.size() / options_.batch;
        const std::size_t mean_every = std::max<std::size_t>(1, batches / 8);
        const double steps = static_cast<double>(batches) * options_.epochs;
        std::size_t step = 0;
        for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
            shuffle(order, random_);
            double loss = 0;
            for (std::size_t batch = 0; batch < batches; ++batch, ++step) {
                const double done = static_cast<double>(step) / steps;
                const double slow_down = 1.0 - 0.95 * done;
                for (auto& group : adam.param_groups()) {
                    static_cast<torch::optim::AdamOptions&>(group.options())
                        .lr(options_.dense_rate * slow_down);
                }
                loss += train_batch(std::span(order).subspan(batch * options_.batch, options_.batch), adam,
                                    static_cast<float>(options_.sparse_rate * slow_down));
                if (done < kMeanFrom || step % mean_every != 0) continue;
                word_bag_->accumulate_mean();
                character_bag_->accumulate_mean();
                ++mean_count;
                torch::NoGradGuard no_gradient;
                for (std::size_t i = 0; i < parameters.size(); ++i) {
                    if (mean_count == 1) means.push_back(torch::zeros_like(parameters[i]));
                    means[i] += (parameters[i] - means[i]) / mean_count;
                }
            }
            char line[96];
            std::snprintf(line, sizeof line, "epoch %d of %d: loss %.4f", epoch, options_.epochs,
                          loss / static_cast<double>(batches));
            progress(line);
        }
        word_bag_->use_mean();
        character_bag_->use_mean();
        torch::NoGradGuard no_gradient;
        for (std::size_t i = 0; i < means.size(); ++i)
            parameters[i].copy_(means[i]);
        return result();
    }

 private:
    std::int64_t inputs() const { return static_cast<std::int64_t>(4 * options_.width); }

    void build_vocabularies() {
        TextFeatures features;
        const auto count = [&](const std::string& text) {
            features.clear();
            extract_features(normalise(text), features);
            words_.count(features.words);
            characters_.count(features.characters);
        };
        for (const Example& example : set_.train) {
            // Of a small set, rarer words are worth a vector.
            for (std::size_t vote = times_an_epoch(example.task); vote > 0; --vote)
                count(chance(random_, options_.augmented_share) ? augment_(example, random_) : example.text);
        }
        // Whatever was written down by hand is wanted, however rare it is in the data.
        for (const Example& example : set_.lexicon) {
            for (std::uint32_t i = 0; i < options_.word_texts_min; ++i)
                count(drawn_from(example.text, random_));
        }
        for (std::size_t i = 0; i < kLexiconDraws; ++i)
            count(augment_.from_lexicon(random_).text);
        words_.close(options_.word_texts_min);
        characters_.close(options_.character_texts_min);
        clean_.reserve(set_.train.size());
        for (const Example& example : set_.train)
            clean_.push_back(rows_of(example.text));
    }

    Rows rows_of(const std::string& text) {
        scratch_.clear();
        extract_features(normalise(text), scratch_);
        const auto marked = [](const Vocabulary& vocabulary, const std::vector<std::uint32_t>& features,
                               std::span<const FeatureRange> denied) {
            std::vector<std::uint32_t> rows;
            for (std::uint32_t i = 0; i < features.size(); ++i) {
                while (!denied.empty() && denied.front().end <= i)
                    denied = denied.subspan(1);
                const auto row = vocabulary.row(features[i]);
                if (row) rows.push_back(!denied.empty() && denied.front().begin <= i ? *row | kDenied : *row);
            }
            return rows;
        };
        return {.words = marked(words_, scratch_.words, scratch_.denied_words),
                .characters = marked(characters_, scratch_.characters, scratch_.denied_characters),
                .denied_words = {},
                .denied_characters = {}};
    }

    void drop_out(std::vector<std::uint32_t>& rows) {
        std::erase_if(rows, [&](std::uint32_t) { return chance(random_, options_.feature_dropout); });
    }

    // The four sums that the network reads, or their gradients, in its order.
    template <typename Number>
    void for_each_part(const Rows& rows, Number* numbers, const auto& deed) {
        const std::size_t width = options_.width;
        const float words = scale_of(rows.words), characters = scale_of(rows.characters);
        const auto part = [&](std::size_t i) { return std::span<Number>(numbers + i * width, width); };
        deed(*word_bag_, rows.words, words, part(0));
        deed(*character_bag_, rows.characters, characters, part(1));
        deed(*word_bag_, rows.denied_words, words, part(2));
        deed(*character_bag_, rows.denied_characters, characters, part(3));
    }

    double train_batch(std::span<const std::uint32_t> members, torch::optim::Adam& adam, float sparse_rate) {
        const auto batch = static_cast<std::int64_t>(members.size());
        const std::size_t width = options_.width;
        auto pooled = torch::zeros({batch, inputs()});
        Targets targets(batch);
        std::vector<Rows> rows(members.size());
        float* sums = pooled.data_ptr<float>();
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Example& example = set_.train[members[i]];
            if (chance(random_, options_.lexicon_share)) {
                const Example term = augment_.from_lexicon(random_);
                rows[i] = rows_of(term.text);
                targets.set(static_cast<std::int64_t>(i), term, mood_targets_.of(term));
            } else {
                rows[i] = chance(random_, options_.augmented_share) ? rows_of(augment_(example, random_))
                                                                    : clean_[members[i]];
                targets.set(static_cast<std::int64_t>(i), example, mood_targets_.of(example));
                drop_out(rows[i].words);
                drop_out(rows[i].characters);
            }
            rows[i].list_denied();
            for_each_part(
                rows[i], sums + i * 4 * width,
                [](EmbeddingBag& bag, auto& part, float scale, auto sum) { bag.forward(part, scale, sum); });
        }
        pooled.requires_grad_(true);
        const auto embedding = torch::relu(hidden_->forward(pooled));
        const auto outputs =
            output_->forward(torch::dropout(embedding, options_.hidden_dropout, /*train=*/true));
        const auto loss = loss_of(outputs, targets, log_shares_, options_.felt_weight);
        adam.zero_grad();
        loss.backward();
        adam.step();

        const float* gradients = pooled.grad().data_ptr<float>();
        for (std::size_t i = 0; i < members.size(); ++i) {
            for_each_part(rows[i], gradients + i * 4 * width,
                          [&](EmbeddingBag& bag, auto& part, float scale, auto gradient) {
                              bag.step(part, scale, gradient, sparse_rate);
                          });
        }
        return loss.item<double>();
    }

    PlainScore plain_score() {
        std::vector<PlainExample> examples;
        const auto add = [&](const Rows& rows, const MoodTarget& target) {
            if (target.felt_weight > 0)
                examples.push_back({.words = rows.words, .characters = rows.characters, .felt = target.felt});
        };
        for (std::size_t i = 0; i < set_.train.size(); ++i) {
            clean_[i].list_denied();
            add(clean_[i], mood_targets_.of(set_.train[i]));
        }
        std::vector<Rows> drawn(
            static_cast<std::size_t>(kLexiconShareOfPlain * static_cast<double>(examples.size())));
        for (Rows& rows : drawn) {
            const Example term = augment_.from_lexicon(random_);
            rows = rows_of(term.text);
            rows.list_denied();
            add(rows, mood_targets_.of(term));
        }
        PlainScore score(words_.features().size(), characters_.features().size(), options_.seed + 2);
        score.train(std::move(examples), random_);
        return score;
    }

    static std::vector<float> numbers(const torch::Tensor& tensor) {
        const auto plain = tensor.detach().contiguous();
        return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
    }

    TrainedLayer layer(torch::nn::Linear& linear, std::int64_t begin, std::int64_t count) {
        return {.outputs = static_cast<std::size_t>(count),
                .inputs = static_cast<std::size_t>(linear->weight.size(1)),
                .weight = numbers(linear->weight.slice(0, begin, begin + count)),
                .bias = numbers(linear->bias.slice(0, begin, begin + count))};
    }

    TrainedText result() {
        TrainedText trained{.words = trained_table(words_.features(), *word_bag_),
                            .characters = trained_table(characters_.features(), *character_bag_),
                            .hidden = layer(hidden_, 0, static_cast<std::int64_t>(options_.hidden)),
                            .mood = layer(output_, kMoods.begin, kMoods.count),
                            .affect = layer(output_, kAffect.begin, kAffect.count),
                            .felt = layer(output_, kFelt.begin, kFelt.count),
                            .five_moods = layer(output_, kFive.begin, kFive.count),
                            .mood_shares = mood_targets_.shares()};
        plain_score().join(trained);
        return trained;
    }

    const TrainingSet& set_;
    const TextTrainOptions& options_;
    Augmenter augment_;
    MoodTargets mood_targets_;
    torch::Tensor log_shares_;
    Random random_;
    Vocabulary words_;
    Vocabulary characters_;
    std::vector<Rows> clean_;
    TextFeatures scratch_;
    std::unique_ptr<EmbeddingBag> word_bag_;
    std::unique_ptr<EmbeddingBag> character_bag_;
    torch::nn::Linear hidden_{nullptr};
    torch::nn::Linear output_{nullptr};
};

}  // namespace

TrainedText train_text(const TrainingSet& set, const TextTrainOptions& options,
                       const std::function<void(const std::string&)>& progress) {
    return Trainer(set, options).run(progress);
}

}  // namespace bgm::train
