#include "ops/lab/train/grave_command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "ops/lab/train/lexicon_digest.hpp"
#include "ops/lab/train/training_set.hpp"
#include "workers/text/grave.hpp"
#include "workers/text/grave_network.hpp"

namespace bgm::train {
namespace {

constexpr std::size_t kHeldBackEvery = 3;
constexpr std::array kThresholds{0.3F, 0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 0.95F, 0.98F};

bool is_happy(const Example& example) {
    // Of GoEmotions: admiration, amusement, excitement, gratitude, joy, love, optimism, pride, relief.
    constexpr std::array<std::uint8_t, 9> kHappy{0, 1, 13, 15, 17, 18, 20, 21, 23};
    return example.task == Task::goemotions && !example.labels.empty() &&
           std::ranges::all_of(example.labels, [&](std::uint8_t label) {
               return std::ranges::find(kHappy, label) != kHappy.end();
           });
}

struct Split {
    std::vector<std::string> train;
    std::vector<const Example*> held_back;
};

// Comments in which the tables find something teach nothing: some are grave.
Split split_comments(const TrainingSet& set) {
    Split split;
    std::size_t i = 0;
    for (const Example& example : set.train) {
        if (example.task == Task::affect) continue;  // whose licence the weights would take on
        // A comment and its translation stand at the same place of files of one length.
        if (i++ % kHeldBackEvery == 0)
            split.held_back.push_back(&example);
        else if (find_grave(normalise(example.text)) == 0)
            split.train.push_back(example.text);
    }
    return split;
}

// A pattern as often as a word for every few of its sentences. Deaths, which the lexicon calls sadder than
// anything else, are left out.
std::vector<std::string> ordinary_patterns(const std::vector<Example>& lexicon) {
    constexpr float kGraveValence = -0.7F;
    std::vector<std::string> patterns;
    for (const Example& term : lexicon) {
        if (term.moods[static_cast<std::size_t>(Mood::sad)] && term.affect.valence < kGraveValence) continue;
        const auto choices = static_cast<std::size_t>(std::ranges::count(term.text, ','));
        patterns.insert(patterns.end(), std::clamp<std::size_t>(choices, 1, 24), term.text);
    }
    return patterns;
}

void print_alarms(const GraveNetwork& network, const char* title,
                  const std::vector<const Example*>& examples) {
    std::array<std::size_t, kThresholds.size()> alarms{}, with_tables{};
    std::size_t tables = 0;
    for (const Example* example : examples) {
        const NormalisedText text = normalise(example->text);
        const float share = network.judge(text).any;
        const bool known = find_grave(text) != 0;
        tables += known;
        for (std::size_t i = 0; i < kThresholds.size(); ++i) {
            alarms[i] += share >= kThresholds[i];
            with_tables[i] += known || share >= kThresholds[i];
        }
    }
    std::printf("%-12s %6zu comments, tables %zu; network (with tables)", title, examples.size(), tables);
    for (std::size_t i = 0; i < kThresholds.size(); ++i)
        std::printf("  %.2f: %zu (%zu)", static_cast<double>(kThresholds[i]), alarms[i], with_tables[i]);
    std::printf("\n");
}

}  // namespace

Status run_grave(const GraveCommandOptions& options) {
    const auto set = read_training_set(options.data_dir, options.lexicons);
    if (!set) return set.error();
    const auto phrases = GravePhrases::read(options.phrases);
    if (!phrases) return phrases.error();
    const auto digest = lexicon_digest({options.phrases});
    if (!digest) return digest.error();
    const Split split = split_comments(*set);
    const std::vector<std::string> ordinary = ordinary_patterns(set->lexicon);
    const GraveTexts texts{.phrases = *phrases, .comments = split.train, .ordinary = ordinary};
    TrainedGrave trained = train_grave(texts, options.train, [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    });
    trained.phrases = *digest;
    if (const auto written = write_grave_weights(trained, options.out); !written) return written;
    const auto network = GraveNetwork::open(options.out);
    if (!network) return network.error();
    for (const bool korean : {false, true}) {
        std::vector<const Example*> happy, any;
        for (const Example* example : split.held_back) {
            if (example->korean != korean || example->task != Task::goemotions) continue;
            if (is_happy(*example)) happy.push_back(example);
            any.push_back(example);
        }
        print_alarms(*network, korean ? "happy ko" : "happy en", happy);
        print_alarms(*network, korean ? "any ko" : "any en", any);
    }
    return ok_status();
}

}  // namespace bgm::train
