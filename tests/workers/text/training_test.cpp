// Trains on a handful of invented sentences, twice: the program must learn them, and write the same bytes
// both times.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "ops/lab/train/text_model.hpp"

namespace bgm {
namespace {

class Training : public testing::Test {
 protected:
    Training()
        : folder_(std::filesystem::path(testing::TempDir()) /
                  ("bgm_training_" + std::to_string(::getpid()))) {
        const auto text = folder_ / "data/text";
        write(folder_ / "data/label_to_mood13.tsv", meanings());
        // Admiration (0), sadness (25) and nothing (27), in words that no other label has.
        std::string sentences;
        for (int i = 0; i < 40; ++i) {
            sentences += "splendid marvel number " + std::to_string(i) + "\t0\n";
            sentences += "gloomy tears number " + std::to_string(i) + "\t25\n";
            sentences += "wooden table number " + std::to_string(i) + "\t27\n";
        }
        for (const char* set : {"goemotions_en", "goemotions_ko"}) {
            write(text / set / "train.tsv", sentences);
            write(text / set / "dev.tsv", "a splendid marvel\t0\nall gloomy tears\t25\n");
        }
        write(text / "kote_ko/labels.txt", "하나\n");
        std::string kote;
        std::string reviews = "rating\ttext\n";
        std::string sentences_with_affect = "valence\tarousal\tdominance\ttext\n";
        for (int i = 0; i < 20; ++i) {
            kote += std::to_string(i) + "\t밝은 하루\t0\n";
            reviews += "10\t꿀잼 영화\n1\t노잼 영화\n";
            sentences_with_affect += "4\t3\t3\tsplendid\n2\t3\t3\tgloomy\n";
        }
        write(text / "kote_ko/train.tsv", kote);
        write(text / "nsmc_ko/train.tsv", reviews);
        write(text / "emobank_en/train.tsv", sentences_with_affect);
        write(text / "emobank_en/dev.tsv", sentences_with_affect);
        write(text / "chatbot_ko/ChatbotData.csv", "Q,A,label\n안녕,네,0\n");
        write(folder_ / "lexicon.tsv", "😭|sob\tsad\t-0.7\t-0.2\n😍|wow\tbeautiful\t0.7\t0.2\n");
    }
    ~Training() override { std::filesystem::remove_all(folder_); }

    static std::string meanings() {
        std::string table = "dataset\tlabel\tmoods\tvalence\tarousal\n";
        table += "goemotions\tadmiration\tbeautiful\t0.6\t0.2\ngoemotions\tsadness\tsad\t-0.7\t-0.3\n";
        return table + "goemotions\tneutral\t-\t0.0\t0.0\nkote\t하나\tjoyful\t0.5\t0.5\n";
    }
    static void write(const std::filesystem::path& file, const std::string& content) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
    }
    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    int train(const std::string& out) const {
        const std::string command =
            std::string(BGM_TRAIN_PROGRAM) + " text --data '" + (folder_ / "data").string() +
            "' --lexicon '" + (folder_ / "lexicon.tsv").string() + "' --out '" + (folder_ / out).string() +
            "' --epochs 8 --word-texts 2 --character-texts 2 --batch 8 >/dev/null";
        return std::system(command.c_str());
    }

    std::filesystem::path folder_;
};

TEST_F(Training, LearnsAndRepeatsItself) {
    ASSERT_EQ(train("one"), 0);
    ASSERT_EQ(train("two"), 0);
    for (const char* file : {"text.safetensors", "text_head.safetensors"}) {
        const std::string bytes = read(folder_ / "one" / file);
        EXPECT_FALSE(bytes.empty());
        EXPECT_EQ(bytes, read(folder_ / "two" / file)) << file;
    }
    auto model = TextModel::open(folder_ / "one").value();
    EXPECT_EQ(model.answer("what a splendid marvel")->fused.top, Mood::beautiful);
    EXPECT_EQ(model.answer("so many gloomy tears")->fused.top, Mood::sad);
    EXPECT_GT(model.answer("what a splendid marvel")->felt, 0.5);
    EXPECT_LT(model.answer("some wooden table")->felt, model.answer("so many gloomy tears")->felt / 2);
    EXPECT_GT(model.answer("splendid")->fused.affect.valence, model.answer("gloomy")->fused.affect.valence);
}

}  // namespace
}  // namespace bgm
