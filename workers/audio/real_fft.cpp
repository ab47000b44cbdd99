#include "workers/audio/real_fft.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bgm {
namespace {

float root_cosine(std::size_t k, std::size_t length) {
    return static_cast<float>(
        std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length)));
}

float root_sine(std::size_t k, std::size_t length) {
    return static_cast<float>(
        -std::sin(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length)));
}

// One run of butterflies. The four arrays and the roots never overlap, which the compiler cannot know by
// itself.
void butterflies(float* __restrict even_real, float* __restrict even_imaginary, float* __restrict odd_real,
                 float* __restrict odd_imaginary, const float* __restrict cosines,
                 const float* __restrict sines, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) {
        const float real = odd_real[k] * cosines[k] - odd_imaginary[k] * sines[k];
        const float imaginary = odd_real[k] * sines[k] + odd_imaginary[k] * cosines[k];
        odd_real[k] = even_real[k] - real;
        odd_imaginary[k] = even_imaginary[k] - imaginary;
        even_real[k] += real;
        even_imaginary[k] += imaginary;
    }
}

}  // namespace

RealFft::RealFft(std::size_t size)
    : size_(size), reversed_(size / 2), real_(size / 2 + 1), imaginary_(size / 2 + 1), scratch_(size) {
    const std::size_t half = size / 2;
    for (std::size_t i = 0, j = 0; i < half; ++i) {
        reversed_[i] = j;
        std::size_t bit = half >> 1;
        for (; bit != 0 && (j & bit) != 0; bit >>= 1)
            j ^= bit;
        j ^= bit;
    }
    for (std::size_t length = 4; length <= half; length *= 2) {
        for (std::size_t k = 0; k < length / 2; ++k) {
            stage_cosines_.push_back(root_cosine(k, length));
            stage_sines_.push_back(root_sine(k, length));
        }
    }
    for (std::size_t k = 0; k <= size / 4; ++k) {
        cosines_.push_back(root_cosine(k, size));
        sines_.push_back(root_sine(k, size));
    }
}

// Even and odd samples as one complex signal of half the length, transformed and then taken apart again.
void RealFft::transform(std::span<const float> samples) {
    const std::size_t half = size_ / 2;
    for (std::size_t i = 0; i < half; ++i) {
        real_[reversed_[i]] = samples[2 * i];
        imaginary_[reversed_[i]] = samples[2 * i + 1];
    }
    for (std::size_t i = 0; i < half; i += 2) {  // length 2: its only root is 1
        const float real = real_[i + 1];
        const float imaginary = imaginary_[i + 1];
        real_[i + 1] = real_[i] - real;
        imaginary_[i + 1] = imaginary_[i] - imaginary;
        real_[i] += real;
        imaginary_[i] += imaginary;
    }
    std::size_t roots = 0;
    for (std::size_t length = 4; length <= half; length *= 2) {
        const std::size_t count = length / 2;
        for (std::size_t begin = 0; begin < half; begin += length) {
            butterflies(&real_[begin], &imaginary_[begin], &real_[begin + count], &imaginary_[begin + count],
                        &stage_cosines_[roots], &stage_sines_[roots], count);
        }
        roots += count;
    }

    const float first_real = real_[0];
    const float first_imaginary = imaginary_[0];
    real_[0] = first_real + first_imaginary;
    imaginary_[0] = 0;
    real_[half] = first_real - first_imaginary;
    imaginary_[half] = 0;
    for (std::size_t k = 1; k <= half / 2; ++k) {
        const std::size_t mirrored = half - k;
        const float even_real = 0.5F * (real_[k] + real_[mirrored]);
        const float even_imaginary = 0.5F * (imaginary_[k] - imaginary_[mirrored]);
        // The odd samples' spectrum is (a - b) / 2i, b being the mirrored bin's conjugate.
        const float odd_real = 0.5F * (imaginary_[k] + imaginary_[mirrored]);
        const float odd_imaginary = -0.5F * (real_[k] - real_[mirrored]);
        const float turned_real = odd_real * cosines_[k] - odd_imaginary * sines_[k];
        const float turned_imaginary = odd_real * sines_[k] + odd_imaginary * cosines_[k];
        real_[k] = even_real + turned_real;
        imaginary_[k] = even_imaginary + turned_imaginary;
        real_[mirrored] = even_real - turned_real;
        imaginary_[mirrored] = turned_imaginary - even_imaginary;
    }
}

void RealFft::power(std::span<const float> samples, std::span<float> power) {
    transform(samples);
    for (std::size_t k = 0; k < bins(); ++k)
        power[k] = real_[k] * real_[k] + imaginary_[k] * imaginary_[k];
}

void RealFft::autocorrelation(std::span<const float> samples, std::span<float> lags) {
    const std::size_t count = std::min(samples.size(), size_ / 2);
    std::copy_n(samples.begin(), count, scratch_.begin());
    std::fill(scratch_.begin() + static_cast<std::ptrdiff_t>(count), scratch_.end(), 0.0F);
    transform(scratch_);
    // The power spectrum is real and even, so that its transform is the inverse one but for the scale.
    for (std::size_t k = 0; k < bins(); ++k)
        scratch_[k] = real_[k] * real_[k] + imaginary_[k] * imaginary_[k];
    for (std::size_t k = bins(); k < size_; ++k)
        scratch_[k] = scratch_[size_ - k];
    transform(scratch_);
    const float scale = 1.0F / static_cast<float>(size_);
    for (std::size_t lag = 0; lag < std::min(lags.size(), size_ / 2); ++lag)
        lags[lag] = real_[lag] * scale;
}

}  // namespace bgm
