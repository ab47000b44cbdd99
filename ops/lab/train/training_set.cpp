#include "ops/lab/train/training_set.hpp"

#include <iterator>
#include <utility>

namespace bgm::train {
namespace {

// Collects the results of several readers and keeps the first error.
class Collector {
 public:
    std::vector<Example> take(Result<std::vector<Example>> examples) {
        if (examples) return std::move(*examples);
        if (!error_) error_ = examples.error();
        return {};
    }
    const std::optional<Error>& error() const { return error_; }

 private:
    std::optional<Error> error_;
};

void append(std::vector<Example>& to, std::vector<Example> from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

Result<TrainingSet> read_training_set(const std::filesystem::path& data_dir,
                                      const std::vector<std::filesystem::path>& lexicons) {
    const auto meanings = read_label_meanings(data_dir / "label_to_mood13.tsv");
    if (!meanings) return meanings.error();
    const auto text = data_dir / "text";
    Collector collector;
    TrainingSet set;

    append(set.train, collector.take(read_goemotions(text / "goemotions_en/train.tsv", *meanings, false)));
    append(set.train, collector.take(read_goemotions(text / "goemotions_ko/train.tsv", *meanings, true)));
    auto kote = collector.take(read_kote(text / "kote_ko/train.tsv", text / "kote_ko/labels.txt", *meanings));
    set.kote = hold_back_tenth(kote);
    append(set.train, std::move(kote));
    auto nsmc = collector.take(read_nsmc(text / "nsmc_ko/train.tsv"));
    set.nsmc = hold_back_tenth(nsmc);
    append(set.train, std::move(nsmc));
    append(set.train, collector.take(read_emobank(text / "emobank_en/train.tsv")));
    append(set.train, collector.take(read_chatbot(text / "chatbot_ko/ChatbotData.csv")));

    set.goemotions_en = collector.take(read_goemotions(text / "goemotions_en/dev.tsv", *meanings, false));
    set.goemotions_ko = collector.take(read_goemotions(text / "goemotions_ko/dev.tsv", *meanings, true));
    set.emobank = collector.take(read_emobank(text / "emobank_en/dev.tsv"));
    for (const auto& lexicon : lexicons)
        append(set.lexicon, collector.take(read_lexicon(lexicon)));
    if (collector.error()) return *collector.error();
    return set;
}

}  // namespace bgm::train
