// Idea: the fast transform is checked against the slow one that is written down from the definition.
#include "workers/audio/real_fft.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace bgm {
namespace {

std::vector<float> wiggle(std::size_t size) {
    std::vector<float> samples(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto t = static_cast<float>(i);
        samples[i] = std::sin(0.7F * t) + 0.3F * std::cos(2.1F * t) + 0.1F * static_cast<float>(i % 7) - 0.2F;
    }
    return samples;
}

double power_by_definition(const std::vector<float>& samples, std::size_t bin) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double phase =
            -2 * std::numbers::pi * static_cast<double>(bin * i) / static_cast<double>(samples.size());
        sum += static_cast<double>(samples[i]) * std::polar(1.0, phase);
    }
    return std::norm(sum);
}

TEST(RealFft, AgreesWithTheDefinitionAtEveryBin) {
    for (const std::size_t size : {4U, 8U, 64U, 512U}) {
        const auto samples = wiggle(size);
        RealFft fft(size);
        std::vector<float> power(fft.bins());
        fft.power(samples, power);
        for (std::size_t bin = 0; bin < fft.bins(); ++bin) {
            const double expected = power_by_definition(samples, bin);
            EXPECT_NEAR(power[bin], expected, 1e-3 + 1e-4 * expected) << "size " << size << " bin " << bin;
        }
    }
}

TEST(RealFft, AutocorrelationAgreesWithTheSumOfProducts) {
    const auto samples = wiggle(100);
    RealFft fft(256);
    std::vector<float> lags(100);
    fft.autocorrelation(samples, lags);
    for (std::size_t lag = 0; lag < lags.size(); ++lag) {
        double expected = 0;
        for (std::size_t i = 0; i + lag < samples.size(); ++i)
            expected += double{samples[i]} * samples[i + lag];
        EXPECT_NEAR(lags[lag], expected, 1e-3) << "lag " << lag;
    }
}

TEST(RealFft, APlanGivesTheSameAnswerTwice) {
    const auto samples = wiggle(128);
    RealFft fft(128);
    std::vector<float> first(fft.bins()), second(fft.bins()), lags(64);
    fft.power(samples, first);
    fft.autocorrelation(samples, lags);
    fft.power(samples, second);
    EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace bgm
