// Idea: every frame of a batch is held to the transform written down from the definition, at lengths of every
// kind of factor.
#include "workers/audio/frame_fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

namespace bgm {
namespace {

double wiggle(std::size_t sample, std::size_t frame) {
    const auto t = static_cast<double>(sample + 31 * frame);
    return std::sin(0.7 * t) + 0.3 * std::cos(2.1 * t) + 0.1 * static_cast<double>(sample * frame % 7) - 0.2;
}

double power_by_definition(std::size_t size, std::size_t frame, std::size_t bin) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const double turns = static_cast<double>(bin * i % size) / static_cast<double>(size);
        sum += wiggle(i, frame) * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
    return std::norm(sum);
}

TEST(FrameFft, AgreesWithTheDefinitionInEveryFrameAndBin) {
    for (const std::size_t size : {2U, 3U, 4U, 8U, 12U, 31U, 45U, 64U, 77U, 400U, 512U}) {
        const FrameFft fft(size);
        FrameFft::Workspace workspace(fft);
        for (std::size_t frame = 0; frame < FrameFft::kFrames; ++frame) {
            for (std::size_t i = 0; i < size; ++i)
                workspace.at(i, frame) = wiggle(i, frame);
        }
        std::vector<double> power(fft.bins() * FrameFft::kFrames);
        fft.power(workspace, power);
        for (std::size_t frame = 0; frame < FrameFft::kFrames; frame += 5) {
            for (std::size_t bin = 0; bin < fft.bins(); ++bin) {
                const double expected = power_by_definition(size, frame, bin);
                EXPECT_NEAR(power[bin * FrameFft::kFrames + frame], expected, 1e-11 * (1 + expected))
                    << "size " << size << " frame " << frame << " bin " << bin;
            }
        }
    }
}

TEST(FrameFft, AQuietFrameIsNotTouchedByALoudOneBesideIt) {
    const std::size_t size = 64;
    const FrameFft fft(size);
    FrameFft::Workspace workspace(fft);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t frame = 0; frame < FrameFft::kFrames; ++frame)
            workspace.at(i, frame) = frame % 2 == 0 ? 1000 * wiggle(i, frame) : 1e-6 * wiggle(i, frame);
    }
    std::vector<double> power(fft.bins() * FrameFft::kFrames);
    fft.power(workspace, power);
    for (std::size_t bin = 0; bin < fft.bins(); ++bin) {
        const double expected = 1e-12 * power_by_definition(size, 9, bin);
        EXPECT_NEAR(power[bin * FrameFft::kFrames + 9], expected, 1e-15);
    }
}

TEST(FrameFft, LengthsWithALargePrimeFactorAreNotPossible) {
    EXPECT_FALSE(FrameFft::possible(0));
    EXPECT_FALSE(FrameFft::possible(1));
    EXPECT_FALSE(FrameFft::possible(37));
    EXPECT_FALSE(FrameFft::possible(1024 * 41));
    EXPECT_TRUE(FrameFft::possible(2));
    EXPECT_TRUE(FrameFft::possible(31 * 29));
    EXPECT_TRUE(FrameFft::possible(1024));
}

TEST(FrameFft, AutocorrelationsAgreeWithTheSumOfProductsInEveryFrame) {
    const std::size_t length = 100;
    const FrameFft fft(256);
    FrameFft::Workspace workspace(fft);
    for (std::size_t i = 0; i < length; ++i) {
        for (std::size_t frame = 0; frame < FrameFft::kFrames; ++frame)
            workspace.at(i, frame) = wiggle(i, frame);
    }
    std::vector<double> power(fft.bins() * FrameFft::kFrames);
    fft.power(workspace, power);
    fft.autocorrelation(power, workspace);
    for (std::size_t frame = 0; frame < FrameFft::kFrames; ++frame) {
        for (std::size_t lag = 0; lag < length; ++lag) {
            double expected = 0;
            for (std::size_t i = 0; i + lag < length; ++i)
                expected += wiggle(i, frame) * wiggle(i + lag, frame);
            EXPECT_NEAR(workspace.at(lag, frame), expected, 1e-11) << "frame " << frame << " lag " << lag;
        }
    }
}

TEST(FrameFft, OneSignalAloneIsWorthAFrame) {
    std::vector<float> samples(64);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<float>(wiggle(i, 0));
    const std::vector<float> power = power_spectrum(samples);
    ASSERT_EQ(power.size(), 33U);
    for (std::size_t bin = 0; bin < power.size(); ++bin) {
        const double expected = power_by_definition(64, 0, bin);
        EXPECT_NEAR(power[bin], expected, 1e-5 * (1 + expected)) << "bin " << bin;
    }
    const std::vector<float> lags = autocorrelation(samples);
    ASSERT_GE(lags.size(), samples.size());
    for (std::size_t lag = 0; lag < samples.size(); ++lag) {
        double expected = 0;
        for (std::size_t i = 0; i + lag < samples.size(); ++i)
            expected += double{samples[i]} * samples[i + lag];
        EXPECT_NEAR(lags[lag], expected, 1e-4) << "lag " << lag;
    }
}

}  // namespace
}  // namespace bgm
