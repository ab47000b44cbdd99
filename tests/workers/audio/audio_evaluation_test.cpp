// Idea: how well the audio evidence agrees with people, on clips that played no part in making it. The
// figures are printed for docs/features-audio.md, and must not fall. Skips where the clips are not there;
// what only Silero's network can tell is asked where it is installed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "fusion/mood/head.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "ops/evaluation/measures.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/audio/audio_encoder.hpp"
#include "workers/audio/speech_gate.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
    const char* shared = std::getenv("BGM_SHARED_DIR");
    return (shared != nullptr ? fs::path(shared) : fs::path(BGM_SOURCE_DIR).parent_path() / "shared") /
           "data";
}

std::string read_file(const fs::path& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

using Row = std::map<std::string, std::string>;

std::vector<Row> read_tsv(const fs::path& path) {
    std::ifstream in(path);
    std::string line;
    std::vector<std::string> header;
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        std::vector<std::string> cells;
        std::istringstream cell_stream(line);
        for (std::string cell; std::getline(cell_stream, cell, '\t');)
            cells.push_back(cell);
        if (header.empty()) {
            header = cells;
            continue;
        }
        Row row;
        for (std::size_t i = 0; i < std::min(header.size(), cells.size()); ++i)
            row[header[i]] = cells[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

struct Label {
    std::set<std::string> moods;
    double valence = 0, arousal = 0;
};

std::map<std::string, Label> labels_of(const std::string& dataset) {
    std::map<std::string, Label> labels;
    for (const Row& row : read_tsv(data_folder() / "label_to_mood13.tsv")) {
        if (row.at("dataset") != dataset) continue;
        Label label{
            .moods = {}, .valence = std::stod(row.at("valence")), .arousal = std::stod(row.at("arousal"))};
        std::istringstream moods(row.at("moods"));
        for (std::string mood; std::getline(moods, mood, ';');) {
            if (mood != "-") label.moods.insert(mood);
        }
        labels[row.at("label")] = std::move(label);
    }
    return labels;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
    double mean_a = 0, mean_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        mean_a += a[i] / static_cast<double>(a.size());
        mean_b += b[i] / static_cast<double>(b.size());
    }
    double product = 0, squares_a = 0, squares_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += (a[i] - mean_a) * (b[i] - mean_b);
        squares_a += (a[i] - mean_a) * (a[i] - mean_a);
        squares_b += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return product / std::sqrt(squares_a * squares_b);
}

// What the best answer that ignores the clip would score: without it a hit rate says little.
double best_constant(const std::map<std::string, int>& gold_counts, double clips) {
    int best = 0;
    for (const auto& [mood, count] : gold_counts)
        best = std::max(best, count);
    return best / clips;
}

// How far confidence and success are apart (15 bins), beside what clips as few as these would show if every
// confidence were exact: the median of that, and what 19 of 20 such sets stay below.
struct Calibration {
    std::vector<std::pair<double, bool>> answers;

    static double error(const std::vector<std::pair<double, bool>>& answers) {
        train::CalibrationError sum;
        for (const auto& [confidence, right] : answers)
            sum.add(confidence, right);
        return sum.value();
    }
    std::string text() const {
        constexpr int kSets = 2'000;
        std::mt19937_64 random(1);
        std::vector<double> errors;
        for (int i = 0; i < kSets; ++i) {
            auto exact = answers;
            for (auto& [confidence, right] : exact)
                right = static_cast<double>(random() >> 11U) * 0x1.0p-53 < confidence;
            errors.push_back(error(exact));
        }
        std::sort(errors.begin(), errors.end());
        return "calibration error " + std::to_string(error(answers)) +
               " (exact answers: " + std::to_string(errors[kSets / 2]) + ", 19 of 20 below " +
               std::to_string(errors[kSets / 20 * 19]) + ")";
    }
};

struct Heard {
    Evidence evidence;
    float speech = 0;
    std::string top;
    double confidence = 0;  // of the mood, were there nothing but this sound
};

class AudioEvaluation : public testing::Test {
 protected:
    void SetUp() override {
        if (!fs::exists(data_folder() / "audio")) GTEST_SKIP() << "no evaluation clips at " << data_folder();
        for (const char* file : {"music_head", "voice_head"}) {
            const std::string bytes =
                read_file(BGM_SOURCE_DIR "/data/builtin/" + std::string(file) + ".safetensors");
            auto head = LinearHead::parse(test::as_bytes(bytes));
            ASSERT_TRUE(head.ok());
            heads_.emplace(head->model(), *head);
        }
        const fs::path packages = BGM_SOURCE_DIR "/data/packages/node_modules";
        gated_ = fs::exists(packages / kSpeechNetworkFile);
        encoder_ = *make_audio_encoder({.models = {}, .packages = packages});
    }

    Heard hear(const fs::path& path) {
        const std::string file = read_file(path);
        EncodeTask task;
        task.media = test::as_bytes(file);
        const auto result = encoder_->encode({&task, 1}).front();
        EXPECT_TRUE(result.ok()) << path << ": " << result.error().to_string();
        const Encoding& encoding = result->front();
        Heard heard{.evidence = *heads_.at(encoding.model).read(encoding.embedding, encoding.quality),
                    .speech = encoding.facts.at("speech"),
                    .top = {},
                    .confidence = 0};
        const auto& mood = heard.evidence.mood;
        heard.top = name(static_cast<Mood>(std::max_element(mood.begin(), mood.end()) - mood.begin()));
        heard.confidence = fuse({&heard.evidence, 1}).confidence;
        return heard;
    }

    bool gated_ = false;  // Silero's network is there

 private:
    std::map<std::string, LinearHead> heads_;
    std::unique_ptr<Encoder> encoder_;
};

TEST_F(AudioEvaluation, MusicClips) {
    const auto labels = labels_of("emotify");
    std::vector<double> valence, arousal, rated_valence, rated_arousal;
    std::map<std::string, int> tops, gold_counts;
    double hits = 0, sure = 0, music = 0, clips = 0;
    Calibration calibration;
    for (const Row& row : read_tsv(data_folder() / "audio/emotify/labels.tsv")) {
        const Heard heard = hear(data_folder() / "audio/emotify" / row.at("file"));
        double shares = 0, v = 0, a = 0;
        std::vector<std::pair<double, std::string>> felt;
        for (const auto& [label, meaning] : labels) {
            const double share = std::stod(row.at(label));
            shares += share;
            v += share * meaning.valence;
            a += share * meaning.arousal;
            felt.emplace_back(share, label);
        }
        if (shares <= 0) continue;
        std::sort(felt.rbegin(), felt.rend());
        // Gold: the moods of the two feelings that most raters felt.
        std::set<std::string> gold = labels.at(felt[0].second).moods;
        gold.insert(labels.at(felt[1].second).moods.begin(), labels.at(felt[1].second).moods.end());
        hits += gold.contains(heard.top) ? 1 : 0;
        sure += heard.confidence;
        calibration.answers.emplace_back(heard.confidence, gold.contains(heard.top));
        for (const std::string& mood : gold)
            ++gold_counts[mood];
        music += heard.speech < 0.5 ? 1 : 0;
        ++clips;
        ++tops[heard.top];
        valence.push_back(heard.evidence.affect.valence);
        arousal.push_back(heard.evidence.affect.arousal);
        rated_valence.push_back(v / shares);
        rated_arousal.push_back(a / shares);
    }
    std::cout << "emotify: " << clips << " clips, valence r " << correlation(valence, rated_valence)
              << ", arousal r " << correlation(arousal, rated_arousal) << ", top-1 in gold " << hits / clips
              << " (best constant answer " << best_constant(gold_counts, clips) << ")"
              << ", as sure of it " << sure / clips << ", " << calibration.text() << ", taken for music "
              << music / clips << "; answers:";
    for (const auto& [mood, count] : tops)
        std::cout << ' ' << mood << ' ' << count;
    std::cout << '\n';
    EXPECT_GT(correlation(arousal, rated_arousal), gated_ ? 0.58 : 0.4);
    EXPECT_GT(correlation(valence, rated_valence), gated_ ? 0.30 : 0.2);
    EXPECT_NEAR(sure / clips, hits / clips, 0.15);
    EXPECT_GE(music / clips, gated_ ? 0.99 : 0.8);
}

TEST_F(AudioEvaluation, VoiceClips) {
    const auto labels = labels_of("speech_face");
    std::vector<double> valence, arousal, rated_valence, rated_arousal;
    std::map<std::string, int> tops, gold_counts;
    double hits = 0, sure = 0, asked = 0, speech = 0, clips = 0;
    Calibration calibration;
    for (const Row& row : read_tsv(data_folder() / "audio/ravdess/labels.tsv")) {
        const Heard heard = hear(data_folder() / "audio/ravdess" / row.at("file"));
        const Label& label = labels.at(row.at("emotion"));
        ++clips;
        speech += heard.speech > 0.5 ? 1 : 0;
        ++tops[heard.top];
        if (!label.moods.empty()) {
            ++asked;
            hits += label.moods.contains(heard.top) ? 1 : 0;
            sure += heard.confidence;
            calibration.answers.emplace_back(heard.confidence, label.moods.contains(heard.top));
            for (const std::string& mood : label.moods)
                ++gold_counts[mood];
        }
        valence.push_back(heard.evidence.affect.valence);
        arousal.push_back(heard.evidence.affect.arousal);
        rated_valence.push_back(label.valence);
        rated_arousal.push_back(label.arousal);
    }
    std::cout << "ravdess: " << clips << " clips, valence r " << correlation(valence, rated_valence)
              << ", arousal r " << correlation(arousal, rated_arousal) << ", top-1 in gold " << hits / asked
              << " (best constant answer " << best_constant(gold_counts, asked) << ")"
              << ", as sure of it " << sure / asked << ", " << calibration.text() << ", taken for speech "
              << speech / clips << "; answers:";
    for (const auto& [mood, count] : tops)
        std::cout << ' ' << mood << ' ' << count;
    std::cout << '\n';
    EXPECT_GT(correlation(arousal, rated_arousal), 0.68);
    EXPECT_GT(correlation(valence, rated_valence), 0.35);
    EXPECT_NEAR(sure / asked, hits / asked, 0.1);
    EXPECT_GE(speech / clips, 0.95);
}

}  // namespace
}  // namespace bgm
