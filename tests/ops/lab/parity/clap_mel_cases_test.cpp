// Idea: the feature extractor against the reference's own spectra, where they are at hand; and a directory
// that does not fit itself is told, not passed.
#include "ops/lab/parity/clap_mel_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/shared_folder.hpp"

namespace bgm {
namespace {

TEST(ClapMelParity, TheDefaultExtractorGivesTheReferencesSpectra) {
    const auto directory = shared_folder() / "parity" / "clap_mel_default";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << "no reference outputs at " << directory;
    const auto lines = check_clap_mel(directory);
    ASSERT_TRUE(lines) << lines.error().to_string();
    EXPECT_EQ(lines->size(), 4U) << "three spectra and the filter bank";
    for (const ParityLine& line : *lines) {
        EXPECT_TRUE(line.ok) << line.name << ": " << line.difference << " " << line.detail;
        EXPECT_LT(line.difference, 1e-6) << line.name << ": double precision has no excuse";
    }
}

TEST(ClapMelParity, AModelsExtractorGivesTheReferencesSpectra) {
    const auto directory = shared_folder() / "parity" / "clap_tiny_a";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << "no reference outputs at " << directory;
    const auto fixture = Fixture::open(directory);
    ASSERT_TRUE(fixture) << fixture.error().to_string();
    const auto lines = check_input_features(*fixture);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].ok) << lines[0].difference << " " << lines[0].detail;
}

class HomeMade : public testing::Test {
 protected:
    HomeMade() {
        std::filesystem::create_directories(folder_ / "io");
        write("preprocessor_config.json",
              R"({"truncation": "rand_trunc", "sampling_rate": 1000, "max_length_s": 1, "fft_window_size": 64,
                  "hop_length": 500, "feature_size": 4, "frequency_max": 500})");
        write("manifest.json", R"({"outputs": [{"name": "input_features_0"}]})");
    }
    ~HomeMade() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }
    void write_floats(const std::string& name, const std::string& shape,
                      const std::vector<float>& values) const {
        std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
        header.resize(118 - 1, ' ');
        header += '\n';
        const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
        write("io/" + name + ".npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + bytes);
    }
    ParityLine only_line() const {
        const auto lines = check_clap_mel(folder_);
        EXPECT_TRUE(lines) << lines.error().to_string();
        return lines.ok() && lines->size() == 1 ? lines->front() : ParityLine{};
    }

    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) /
        ("clap_mel_parity_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(HomeMade, SilenceIsTheFloorInEveryBand) {
    write_floats("waveform_0", "7,", std::vector<float>(7, 0.0F));
    write_floats("input_features_0", "1, 3, 4", std::vector<float>(12, -100.0F));
    const ParityLine line = only_line();
    EXPECT_TRUE(line.ok) << line.detail;
    EXPECT_THAT(line.name, testing::EndsWith("/input_features_0"));
}

TEST_F(HomeMade, ADifferentSpectrumIsNotPassed) {
    write_floats("waveform_0", "7,", std::vector<float>(7, 0.0F));
    std::vector<float> spectrum(12, -100.0F);
    spectrum[5] = -99.9F;
    write_floats("input_features_0", "1, 3, 4", spectrum);
    EXPECT_FALSE(only_line().ok);
}

TEST_F(HomeMade, AnotherShapeIsNotCompared) {
    write_floats("waveform_0", "7,", std::vector<float>(7, 0.0F));
    write_floats("input_features_0", "1, 4, 3", std::vector<float>(12, -100.0F));
    EXPECT_THAT(only_line().detail, testing::HasSubstr("3x4"));
}

TEST_F(HomeMade, AWaveformThatTheReferenceWouldCutAtRandomIsNotCompared) {
    write_floats("waveform_0", "1001,", std::vector<float>(1001, 0.0F));
    write_floats("input_features_0", "1, 3, 4", std::vector<float>(12, -100.0F));
    EXPECT_THAT(only_line().detail, testing::HasSubstr("waveform_0 (1001)"));
}

TEST_F(HomeMade, AMissingWaveformIsNamed) {
    write_floats("input_features_0", "1, 3, 4", std::vector<float>(12, -100.0F));
    EXPECT_THAT(only_line().detail, testing::HasSubstr("waveform_0.npy"));
}

}  // namespace
}  // namespace bgm
