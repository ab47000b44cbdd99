// Idea: the extractor is held to the formulas written down once more, slowly, at sizes where every rule
// shows: odd transforms, margins longer than the window, clips of every length; and its bands to what
// Slaney's scale says.
#include "workers/audio/clap_mel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <fstream>
#include <numbers>

namespace bgm {
namespace {

using Samples = std::vector<float>;

Samples noise(std::size_t count, unsigned seed = 1) {
    Samples samples;
    for (std::size_t i = 0; i < count; ++i) {
        seed = seed * 1664525U + 1013904223U;
        samples.push_back(static_cast<float>(seed >> 8U) / 8388608.0F - 1.0F);
    }
    return samples;
}

double slow_power(const Samples& window, std::int64_t first, std::size_t size, std::size_t bin) {
    const auto length = static_cast<std::int64_t>(window.size());
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        std::int64_t at = first + static_cast<std::int64_t>(i);
        while (at < 0 || at >= length)
            at = at < 0 ? -at : 2 * (length - 1) - at;
        const double turn = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
        sum += double{window[static_cast<std::size_t>(at)]} * (0.5 - 0.5 * std::cos(turn)) *
               std::polar(1.0, -turn * static_cast<double>(bin));
    }
    return std::norm(sum);
}

Samples slow_mel(const ClapMelLayout& layout, const Samples& window) {
    const std::size_t bins = layout.fft_size / 2 + 1;
    const SlaneyMel bands({.bands = layout.bands,
                           .bins = bins,
                           .sample_rate_hz = layout.sample_rate_hz,
                           .low_hz = layout.low_hz,
                           .high_hz = layout.high_hz});
    const std::size_t margin = layout.fft_size / 2;
    Samples mel;
    for (std::size_t first = 0; first + layout.fft_size <= window.size() + 2 * margin; first += layout.hop) {
        std::vector<double> power;
        for (std::size_t bin = 0; bin < bins; ++bin)
            power.push_back(slow_power(window,
                                       static_cast<std::int64_t>(first) - static_cast<std::int64_t>(margin),
                                       layout.fft_size, bin));
        for (const auto& band : bands.bands()) {
            double sum = 0;
            for (std::size_t i = 0; i < band.weights.size(); ++i)
                sum += band.weights[i] * power[band.first_bin + i];
            mel.push_back(static_cast<float>(10 * std::log10(std::max(sum, 1e-10))));
        }
    }
    return mel;
}

Samples mel_of(const ClapMelLayout& layout, const Samples& clip) {
    const ClapMel mel(layout);
    Samples values(mel.values());
    mel.extract(clip, values);
    return values;
}

void expect_near(const Samples& ours, const Samples& expected) {
    ASSERT_EQ(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
        ASSERT_NEAR(ours[i], expected[i], 1e-4) << "value " << i;
}

TEST(ClapMel, AgreesWithTheFormulasAtEverySize) {
    for (const std::size_t fft_size : {8U, 15U, 20U, 64U}) {
        for (const std::size_t hop : {3U, 8U, 40U}) {
            for (const std::size_t length : {2U, 9U, 100U}) {
                const ClapMelLayout layout{.sample_rate_hz = 1000,
                                           .samples = length,
                                           .fft_size = fft_size,
                                           .hop = hop,
                                           .bands = 5,
                                           .low_hz = 10,
                                           .high_hz = 480};
                const Samples clip = noise(length);
                SCOPED_TRACE(testing::Message() << fft_size << " " << hop << " " << length);
                expect_near(mel_of(layout, clip), slow_mel(layout, clip));
            }
        }
    }
}

class ShortClips : public testing::Test {
 protected:
    ClapMelLayout layout{
        .sample_rate_hz = 1000, .samples = 50, .fft_size = 16, .hop = 5, .bands = 4, .high_hz = 500};
    const Samples clip = noise(20);
    Samples window(std::size_t filled) const {
        Samples samples(50, 0.0F);
        for (std::size_t i = 0; i < filled; ++i)
            samples[i] = clip[i % clip.size()];
        return samples;
    }
};

TEST_F(ShortClips, AreRepeatedWholeAndThenPadded) {
    layout.padding = ClipPadding::repeat_pad;
    expect_near(mel_of(layout, clip), slow_mel(layout, window(40)));
}

TEST_F(ShortClips, AreRepeatedToTheEndWhereAskedFor) {
    layout.padding = ClipPadding::repeat;
    expect_near(mel_of(layout, clip), slow_mel(layout, window(50)));
}

TEST_F(ShortClips, ArePaddedOnlyWhereAskedFor) {
    layout.padding = ClipPadding::pad;
    expect_near(mel_of(layout, clip), slow_mel(layout, window(20)));
}

TEST_F(ShortClips, OfMoreThanHalfAWindowAreNotRepeated) {
    const Samples most(clip.begin(), clip.end());
    layout.samples = 39;
    Samples expected = clip;
    expected.resize(39, 0.0F);
    expect_near(mel_of(layout, most), slow_mel(layout, expected));
}

TEST_F(ShortClips, WithoutASampleAreSilence) {
    EXPECT_THAT(mel_of(layout, {}), testing::Each(-100.0F));
}

TEST_F(ShortClips, OfALongClipTheLoudestWindowIsTaken) {
    Samples loud_in_the_middle = noise(400, 7);
    for (std::size_t i = 0; i < loud_in_the_middle.size(); ++i)
        loud_in_the_middle[i] *= i >= 165 && i < 215 ? 1.0F : 0.01F;
    const Samples loudest(loud_in_the_middle.begin() + 165, loud_in_the_middle.begin() + 215);
    expect_near(mel_of(layout, loud_in_the_middle), slow_mel(layout, loudest));
}

TEST_F(ShortClips, OfALongClipThatIsAlikeThroughoutTheFirstWindowIsTaken) {
    Samples clicks(400, 0.0F);
    for (std::size_t i = 0; i < clicks.size(); i += 25)
        clicks[i] = 1;
    expect_near(mel_of(layout, clicks), slow_mel(layout, {clicks.begin(), clicks.begin() + 50}));
}

TEST(ClapMel, AToneIsLoudestInItsBand) {
    const ClapMelLayout layout{.samples = 48'000, .low_hz = 50};
    const ClapMel mel(layout);
    const double low = SlaneyMel::to_mel(50), step = (SlaneyMel::to_mel(14'000) - low) / 65;
    for (const std::ptrdiff_t band : {40, 50, 60}) {
        const double hz = SlaneyMel::to_hz(low + static_cast<double>(band + 1) * step);
        Samples tone;
        for (int i = 0; i < 48'000; ++i)
            tone.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * hz * i / 48'000)));
        const Samples values = mel_of(layout, tone);
        for (std::size_t frame = 0; frame < mel.frames(); ++frame) {
            const auto row = values.begin() + static_cast<std::ptrdiff_t>(frame * layout.bands);
            EXPECT_EQ(std::max_element(row, row + 64) - row, band) << frame;
        }
    }
}

TEST(SlaneyMel, HasItsKneeAtAThousandHertz) {
    EXPECT_DOUBLE_EQ(SlaneyMel::to_mel(0), 0);
    EXPECT_DOUBLE_EQ(SlaneyMel::to_mel(500), 7.5);
    EXPECT_DOUBLE_EQ(SlaneyMel::to_mel(1000), 15);
    EXPECT_DOUBLE_EQ(SlaneyMel::to_mel(6400), 42);
    for (const double hz : {0.0, 60.0, 999.0, 1001.0, 14'000.0})
        EXPECT_NEAR(SlaneyMel::to_hz(SlaneyMel::to_mel(hz)), hz, 1e-9);
}

TEST(SlaneyMel, BandsAreTrianglesOfEqualArea) {
    const SlaneyMel mel({.bands = 20, .bins = 5001, .sample_rate_hz = 20'000, .low_hz = 0, .high_hz = 8000});
    const double step = SlaneyMel::to_mel(8000) / 21;
    ASSERT_EQ(mel.bands().size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
        const auto& band = mel.bands()[i];
        double area = 0;
        for (const double weight : band.weights)
            area += weight * 2;  // the bins are 2 Hz apart
        EXPECT_NEAR(area, 1, 1e-3) << i;
        const auto peak = std::max_element(band.weights.begin(), band.weights.end()) - band.weights.begin();
        EXPECT_NEAR(static_cast<double>(peak + static_cast<std::ptrdiff_t>(band.first_bin)) * 2,
                    SlaneyMel::to_hz(static_cast<double>(i + 1) * step), 2);
        EXPECT_GE(static_cast<double>(band.first_bin) * 2, SlaneyMel::to_hz(static_cast<double>(i) * step));
    }
}

class PreprocessorConfig : public testing::Test {
 protected:
    PreprocessorConfig() { std::filesystem::create_directories(folder_); }
    ~PreprocessorConfig() override { std::filesystem::remove_all(folder_); }
    Result<ClapMel> open(const std::string& json) const {
        std::ofstream(folder_ / "preprocessor_config.json") << json;
        return ClapMel::open(folder_);
    }

    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) /
        ("clap_mel_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(PreprocessorConfig, IsReadWithTheReferencesDefaults) {
    const auto mel = open(R"({"truncation": "rand_trunc"})");
    ASSERT_TRUE(mel) << mel.error().to_string();
    EXPECT_EQ(mel->sample_rate_hz(), 48'000);
    EXPECT_EQ(mel->samples(), 480'000U);
    EXPECT_EQ(mel->frames(), 1001U);
    EXPECT_EQ(mel->bands(), 64U);
    EXPECT_EQ(mel->values(), 64'064U);
}

TEST_F(PreprocessorConfig, KeysCount) {
    const auto mel = open(R"({"truncation": "rand_trunc", "sampling_rate": 16000, "max_length_s": 2,
        "fft_window_size": 400, "hop_length": 160, "feature_size": 20, "frequency_min": 50,
        "frequency_max": 7000, "padding": "pad", "nb_max_samples": 5, "top_db": null})");
    ASSERT_TRUE(mel) << mel.error().to_string();
    EXPECT_EQ(mel->sample_rate_hz(), 16'000);
    EXPECT_EQ(mel->samples(), 32'000U);
    EXPECT_EQ(mel->frames(), 201U);
    EXPECT_EQ(mel->bands(), 20U);
}

TEST_F(PreprocessorConfig, WithFusionIsUnsupported) {
    for (const char* json :
         {R"({})", R"({"truncation": "fusion"})",
          R"({"truncation": "rand_trunc", "feature_extractor_type": "WhisperFeatureExtractor"})"}) {
        const auto mel = open(json);
        ASSERT_FALSE(mel.ok());
        EXPECT_EQ(mel.error().code, ErrorCode::unsupported) << json;
        EXPECT_THAT(mel.error().message, testing::HasSubstr("preprocessor_config.json: ")) << json;
    }
}

TEST_F(PreprocessorConfig, ThatIsMissingIsNamed) {
    const auto mel = ClapMel::open(folder_ / "nowhere");
    ASSERT_FALSE(mel.ok());
    EXPECT_EQ(mel.error().code, ErrorCode::not_found);
    EXPECT_THAT(mel.error().message, testing::HasSubstr("nowhere/preprocessor_config.json"));
}

TEST_F(PreprocessorConfig, ThatIsHostileIsRefusedByKey) {
    const std::pair<const char*, const char*> bad[] = {
        {"sampling_rate", "0"},
        {"sampling_rate", "1e9"},
        {"sampling_rate", "\"fast\""},
        {"max_length_s", "0"},
        {"max_length_s", "3600"},
        {"max_length_s", "-1"},
        {"fft_window_size", "1"},
        {"fft_window_size", "100000"},
        {"fft_window_size", "1021"},
        {"hop_length", "0"},
        {"hop_length", "1"},
        {"feature_size", "0"},
        {"feature_size", "1000000000"},
        {"frequency_max", "0"},
        {"frequency_max", "-5"},
        {"frequency_min", "1e300"},
        {"padding", "\"circular\""},
        {"padding", "7"},
    };
    for (const auto& [key, value] : bad) {
        const auto mel = open(std::string(R"({"truncation": "rand_trunc", ")") + key + "\": " + value + "}");
        ASSERT_FALSE(mel.ok()) << key << " " << value;
        EXPECT_THAT(mel.error().message, testing::HasSubstr(std::string("preprocessor_config.json: ") + key))
            << value;
    }
    EXPECT_FALSE(open("[1, 2]").ok());
    EXPECT_FALSE(open("{\"truncation\": ").ok());
}

}  // namespace
}  // namespace bgm
