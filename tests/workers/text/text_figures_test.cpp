// The figures that the shipped weights promise, measured through the code that ships. Needs the labelled
// sets, which are not part of the repository: set BGM_SHARED_DIR, or have them in ../shared.
#include "ops/lab/train/figures.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace bgm {
namespace {

const std::filesystem::path kModels = std::filesystem::path(BGM_SOURCE_DIR) / "data/builtin";

std::filesystem::path data_folder() {
    const char* shared = std::getenv("BGM_SHARED_DIR");
    return (shared != nullptr ? std::filesystem::path(shared)
                              : std::filesystem::path(BGM_SOURCE_DIR) / "../shared") /
           "data";
}

class TextFigures : public testing::Test {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(data_folder() / "text/goemotions_en/dev.tsv")) {
            GTEST_SKIP() << "the labelled sets are not at " << data_folder();
        }
        meanings_ = read_label_meanings(data_folder() / "label_to_mood13.tsv").value();
        model_.emplace(TextModel::open(kModels).value());
    }
    std::filesystem::path text(const char* file) const { return data_folder() / "text" / file; }

    LabelMeanings meanings_;
    std::optional<TextModel> model_;
};

TEST_F(TextFigures, GoEmotionsEnglish) {
    const auto examples = read_goemotions(text("goemotions_en/dev.tsv"), meanings_, false).value();
    EXPECT_GE(train::measure_five_moods(*model_, examples)->micro_f1, 0.74);
    const auto moods = train::measure_moods(*model_, examples).value();
    EXPECT_GE(moods.top1, 0.71);
    EXPECT_GE(moods.macro_f1, 0.46);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        EXPECT_TRUE(moods.moods[k].gold <= 50 || moods.moods[k].f1() > 0.15) << name(static_cast<Mood>(k));
    }
    EXPECT_LE(moods.calibration_error, 0.06);
    EXPECT_GE(moods.plain_ambiguous, 0.60);
    EXPECT_LE(moods.ambiguous, 0.15);
}

TEST_F(TextFigures, GoEmotionsKorean) {
    const auto examples = read_goemotions(text("goemotions_ko/dev.tsv"), meanings_, true).value();
    EXPECT_GE(train::measure_five_moods(*model_, examples)->micro_f1, 0.66);
    const auto moods = train::measure_moods(*model_, examples).value();
    EXPECT_GE(moods.top1, 0.65);
    EXPECT_GE(moods.macro_f1, 0.40);
    EXPECT_LE(moods.calibration_error, 0.06);
    EXPECT_GE(moods.plain_ambiguous, 0.56);
    EXPECT_LE(moods.ambiguous, 0.15);
}

TEST_F(TextFigures, KoteHeldBack) {
    auto examples = read_kote(text("kote_ko/train.tsv"), text("kote_ko/labels.txt"), meanings_).value();
    EXPECT_GE(train::measure_moods(*model_, hold_back_tenth(examples))->top1, 0.82);
}

TEST_F(TextFigures, EmoBankValence) {
    EXPECT_GE(train::measure_affect(*model_, read_emobank(text("emobank_en/dev.tsv")).value())->valence_r,
              0.58);
}

TEST_F(TextFigures, NsmcPolarityHeldBack) {
    auto examples = read_nsmc(text("nsmc_ko/train.tsv")).value();
    EXPECT_GE(train::measure_polarity(*model_, hold_back_tenth(examples))->accuracy, 0.84);
}

}  // namespace
}  // namespace bgm
