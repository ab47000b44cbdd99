#include "ops/lab/train/grave_command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "ops/lab/train/judged_comments.hpp"
#include "ops/lab/train/lexicon_digest.hpp"
#include "ops/lab/train/training_set.hpp"
#include "workers/text/grave.hpp"
#include "workers/text/grave_network.hpp"

namespace bgm::train {
namespace {

bool is_happy(const Example& example) {
    // Of GoEmotions: admiration, amusement, excitement, gratitude, joy, love, optimism, pride, relief.
    constexpr std::array<std::uint8_t, 9> kHappy{0, 1, 13, 15, 17, 18, 20, 21, 23};
    return example.task == Task::goemotions && !example.labels.empty() &&
           std::ranges::all_of(example.labels, [&](std::uint8_t label) {
               return std::ranges::find(kHappy, label) != kHappy.end();
           });
}

struct Comments {
    std::vector<std::string> harmless;
    std::vector<GraveExample> judged;
};

// Comments, and sentences of letters, reports and stories. Those in which the tables find something teach
// nothing unless somebody has judged them, and neither do sentences that are sad to read: some are grave.
Comments comments_of(const TrainingSet& set, const JudgedComments& judged) {
    Comments comments;
    for (const Example& example : set.train) {
        if (const auto judgement = judged.of(example.text)) {
            if (!judgement->doubtful) comments.judged.push_back({example.text, judgement->subjects});
            continue;
        }
        if (example.task == Task::affect && example.affect.valence < 0) continue;
        if (find_grave(normalise(example.text)) == 0) comments.harmless.push_back(example.text);
    }
    return comments;
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

void print_alarms(const GraveReader& reader, const char* title, const std::vector<Example>& examples,
                  bool happy) {
    const GraveReader tables;
    std::size_t rows = 0, by_tables = 0, by_both = 0;
    for (const Example& example : examples) {
        if (happy && !is_happy(example)) continue;
        const NormalisedText text = normalise(example.text);
        ++rows;
        if (tables.read(text) != 0) ++by_tables;
        if (reader.read(text) != 0) ++by_both;
    }
    std::printf("%-14s %5zu comments: spoken up by the tables alone in %zu, with the network in %zu\n", title,
                rows, by_tables, by_both);
}

}  // namespace

Status run_grave(const GraveCommandOptions& options) {
    const auto set = read_training_set(options.data_dir, options.lexicons);
    if (!set) return set.error();
    const auto phrases = GravePhrases::read(options.phrases);
    if (!phrases) return phrases.error();
    const auto judged = JudgedComments::read(options.judged);
    if (!judged) return judged.error();
    const auto digest = lexicon_digest({options.phrases, options.judged});
    if (!digest) return digest.error();
    const auto feelings = TextNetwork::open(options.out_dir / "text.safetensors");
    if (!feelings) return feelings.error();
    const Comments comments = comments_of(*set, *judged);
    const std::vector<std::string> ordinary = ordinary_patterns(set->lexicon);
    const GraveTexts texts{.phrases = *phrases,
                           .comments = comments.harmless,
                           .judged = comments.judged,
                           .ordinary = ordinary,
                           .feelings = *feelings};
    TrainedGrave trained = train_grave(texts, options.train, [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    });
    trained.phrases = *digest;
    if (const auto written = write_grave_weights(trained, options.out_dir / "grave.safetensors"); !written)
        return written;
    const auto reader = GraveReader::open(options.out_dir);
    if (!reader) return reader.error();
    print_alarms(*reader, "happy, English", set->goemotions_en, true);
    print_alarms(*reader, "happy, Korean", set->goemotions_ko, true);
    print_alarms(*reader, "any, English", set->goemotions_en, false);
    print_alarms(*reader, "any, Korean", set->goemotions_ko, false);
    print_alarms(*reader, "KOTE", set->kote, false);
    print_alarms(*reader, "film reviews", set->nsmc, false);
    return ok_status();
}

}  // namespace bgm::train
