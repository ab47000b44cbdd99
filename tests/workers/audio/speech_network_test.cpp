// Idea: the network's arithmetic is that of the published model. With numbers of the test's own it is
// compared with the same network written down the long way; with Silero's, where they are installed, with
// ONNX Runtime, where a folder with it is named in BGM_ONNXRUNTIME (a node_modules with onnxruntime-web or
// -node).
#include "workers/audio/speech_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/workers/audio/speech_model_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/audio/speech_gate.hpp"
#include "workers/networks/network_file.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Rows = std::vector<std::vector<double>>;  // [channels, steps]

constexpr std::size_t kContext = 32, kWindow = 128, kHop = 64, kState = 128;

std::vector<OnnxGraph> graphs_of(const std::string& model) {
    return *parse_onnx_weights(std::as_bytes(std::span(model)));
}

class LongWay {
 public:
    explicit LongWay(const OnnxGraph& graph) : graph_(graph) {}

    double next(std::vector<double> samples) {  // context and chunk
        for (std::size_t i = 0; i < kHop / 2; ++i)
            samples.push_back(samples[kContext + SpeechNetwork::kChunk - 2 - i]);
        Rows rows = spectrum(samples);
        const std::size_t strides[] = {1, 2, 2, 1};
        for (std::size_t i = 0; i < 4; ++i)
            rows = convolve(rows, "encoder." + std::to_string(i) + ".reparam_conv", strides[i]);
        return recur(rows);
    }

 private:
    const std::vector<float>& of(const std::string& name) const { return graph_.at(name).values; }

    Rows spectrum(const std::vector<double>& samples) const {
        const std::size_t bins = kWindow / 2 + 1;
        Rows rows(bins, std::vector<double>(4));
        for (std::size_t bin = 0; bin < bins; ++bin) {
            for (std::size_t frame = 0; frame < 4; ++frame) {
                double real = 0, imaginary = 0;
                for (std::size_t i = 0; i < kWindow; ++i) {
                    real += of("stft.forward_basis_buffer")[bin * kWindow + i] * samples[frame * kHop + i];
                    imaginary += of("stft.forward_basis_buffer")[(bins + bin) * kWindow + i] *
                                 samples[frame * kHop + i];
                }
                rows[bin][frame] = std::hypot(real, imaginary);
            }
        }
        return rows;
    }

    Rows convolve(const Rows& from, const std::string& name, std::size_t stride) const {
        const auto& bias = of(name + ".bias");
        const std::size_t steps = from[0].size();
        Rows to(bias.size());
        for (std::size_t output = 0; output < bias.size(); ++output) {
            for (std::size_t centre = 0; centre < steps; centre += stride) {
                double sum = bias[output];
                for (std::size_t input = 0; input < from.size(); ++input) {
                    for (std::size_t k = 0; k < 3; ++k) {
                        if (centre + k < 1 || centre + k > steps) continue;
                        sum += of(name + ".weight")[(output * from.size() + input) * 3 + k] *
                               from[input][centre + k - 1];
                    }
                }
                to[output].push_back(std::max(sum, 0.0));
            }
        }
        return to;
    }

    double recur(const Rows& input) {
        std::vector<double> gates(4 * kState);
        for (std::size_t gate = 0; gate < gates.size(); ++gate) {
            gates[gate] = of("decoder.rnn.bias_ih")[gate] + of("decoder.rnn.bias_hh")[gate];
            for (std::size_t i = 0; i < kState; ++i)
                gates[gate] += of("decoder.rnn.weight_ih")[gate * kState + i] * input[i][0] +
                               of("decoder.rnn.weight_hh")[gate * kState + i] * state_[i];
        }
        const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
        double sum = of("decoder.decoder.2.bias")[0];
        for (std::size_t i = 0; i < kState; ++i) {
            cell_[i] = logistic(gates[kState + i]) * cell_[i] +
                       logistic(gates[i]) * std::tanh(gates[2 * kState + i]);
            state_[i] = logistic(gates[3 * kState + i]) * std::tanh(cell_[i]);
            sum += of("decoder.decoder.2.weight")[i] * std::max(state_[i], 0.0);
        }
        return logistic(sum);
    }

    const OnnxGraph& graph_;
    std::vector<double> state_ = std::vector<double>(kState), cell_ = std::vector<double>(kState);
};

TEST(SpeechNetwork, ComputesWhatTheLongWayDoes) {
    const auto graphs = graphs_of(test::make_speech_model());
    const auto network = SpeechNetwork::make(graphs);
    ASSERT_TRUE(network.ok()) << network.error().to_string();
    // More chunks than lie side by side, and some samples over.
    const auto samples = test::voice_samples({.seconds = 1.2, .sample_rate_hz = SpeechNetwork::kRateHz});
    const auto probabilities = network->probabilities(samples);
    ASSERT_EQ(probabilities.size(), samples.size() / SpeechNetwork::kChunk);
    LongWay long_way(graphs[1]);
    double least = 1, most = 0;
    for (std::size_t chunk = 0; chunk < probabilities.size(); ++chunk) {
        std::vector<double> part;
        for (std::size_t i = chunk * SpeechNetwork::kChunk;
             i < (chunk + 1) * SpeechNetwork::kChunk + kContext; ++i)
            part.push_back(i < kContext ? 0 : samples[i - kContext]);
        const double expected = long_way.next(part);
        EXPECT_NEAR(probabilities[chunk], expected, 1e-5) << "chunk " << chunk;
        least = std::min(least, expected);
        most = std::max(most, expected);
    }
    EXPECT_GT(most - least, 0.01) << "numbers that say nothing prove nothing";
}

TEST(SpeechNetwork, AnythingIsHeardAndNothingToo) {
    const auto network = SpeechNetwork::make(graphs_of(test::make_speech_model()));
    for (const std::size_t size : {0U, 1U, 255U})
        EXPECT_TRUE(network->probabilities(std::vector<float>(size, 0.5F)).empty());
    EXPECT_EQ(network->probabilities(std::vector<float>(256)).size(), 1U);
    for (const float value : network->probabilities(std::vector<float>(10'000, 4.0F)))
        EXPECT_TRUE(value >= 0 && value <= 1);
}

TEST(SpeechNetwork, AModelOfAnotherFormIsRefused) {
    auto graphs = graphs_of(test::make_speech_model());
    graphs[1].at("decoder.rnn.bias_hh").shape = {511};
    const auto network = SpeechNetwork::make(graphs);
    ASSERT_FALSE(network.ok());
    EXPECT_EQ(network.error().code, ErrorCode::unsupported);
    EXPECT_FALSE(SpeechNetwork::make({}).ok());
}

const fs::path kPackages = BGM_SOURCE_DIR "/data/packages/node_modules";

TEST(SpeechNetwork, AgreesWithOnnxRuntime) {
    const char* modules = std::getenv("BGM_ONNXRUNTIME");
    if (modules == nullptr) GTEST_SKIP() << "BGM_ONNXRUNTIME names no folder with ONNX Runtime";
    const fs::path model = kPackages / kSpeechNetworkFile;
    if (!fs::exists(model)) GTEST_SKIP() << "the packages are not installed: ops/install-networks";
    const auto network =
        SpeechNetwork::make(*parse_onnx_weights(*read_network_file(kPackages, kSpeechNetworkFile)));
    ASSERT_TRUE(network.ok()) << network.error().to_string();
    auto samples = test::voice_samples({.seconds = 3, .sample_rate_hz = SpeechNetwork::kRateHz});
    const auto noise = test::noise_samples(1, SpeechNetwork::kRateHz, -30);
    samples.insert(samples.end(), noise.begin(), noise.end());
    const auto file = fs::temp_directory_path() / ("bgm-speech-" + std::to_string(getpid()));
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(samples.data()),
               static_cast<std::streamsize>(samples.size() * sizeof(float)));
    const std::string command = "node " BGM_SOURCE_DIR "/tests/workers/audio/silero_reference.mjs '" +
                                std::string(modules) + "' '" + model.string() + "' '" + file.string() + "'";
    std::FILE* answers = popen(command.c_str(), "r");
    ASSERT_NE(answers, nullptr);
    std::vector<float> expected;
    for (float value = 0; std::fscanf(answers, "%f", &value) == 1;)
        expected.push_back(value);
    EXPECT_EQ(pclose(answers), 0);
    fs::remove(file);
    const auto probabilities = network->probabilities(samples);
    ASSERT_EQ(probabilities.size(), expected.size());
    double furthest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        furthest = std::max(furthest, std::fabs(double{probabilities[i]} - expected[i]));
    std::cout << expected.size() << " probabilities, at most " << furthest << " apart\n";
    EXPECT_LE(furthest, 1e-4);
}

TEST(SpeechGate, WithoutTheFileThereIsNone) {
    EXPECT_EQ(open_speech_gate("none"), nullptr);
}

TEST(SpeechGate, AWrongFileIsNamedAndNotLoaded) {
    const auto folder = fs::temp_directory_path() / ("bgm-gate-" + std::to_string(getpid()));
    fs::create_directories((folder / kSpeechNetworkFile).parent_path());
    // As a file it is fine: but it is not the one.
    std::ofstream(folder / kSpeechNetworkFile, std::ios::binary) << test::make_speech_model();
    testing::internal::CaptureStderr();
    EXPECT_EQ(open_speech_gate(folder), nullptr);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("silero_vad_v6.onnx"));
    fs::remove_all(folder);
}

TEST(SpeechGate, MusicAndSilenceAreNoSpeech) {
    const auto gate = open_speech_gate(kPackages);
    if (gate == nullptr) GTEST_SKIP() << "the packages are not installed: ops/install-networks";
    Waveform waveform;
    waveform.sample_rate_hz = 22'050;
    EXPECT_EQ(gate->share_of_speech(waveform), 0);
    waveform.samples.assign(22'050, 0);
    EXPECT_EQ(gate->share_of_speech(waveform), 0);
    waveform.samples = test::music_samples({.seconds = 20, .sample_rate_hz = 22'050});
    EXPECT_LT(gate->share_of_speech(waveform), 0.2F);
    waveform.samples = test::noise_samples(5, 22'050, -12);
    EXPECT_LT(gate->share_of_speech(waveform), 0.2F);
}

}  // namespace
}  // namespace bgm
