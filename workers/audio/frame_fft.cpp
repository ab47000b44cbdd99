#include "workers/audio/frame_fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "workers/audio/for_each_cpu.hpp"

namespace bgm {
namespace {

constexpr std::size_t kPairs = FrameFft::kPairs;

// The same number of every pair.
using Lanes [[gnu::vector_size(kPairs * sizeof(double)), gnu::aligned(alignof(double)), gnu::may_alias]] =
    double;
struct Row {
    Lanes real, imaginary;
};
static_assert(sizeof(Row) == FrameFft::kFrames * sizeof(double));

using Root = FrameFft::Root;

// Stockham's transform, decimation in frequency: the results of every stage lie in order without a
// permutation. With `groups` the product of the radices so far, row q + groups * (p + rest * k) goes to row
// q + groups * (radix * p + j), times roots[radix * p + j].
BGM_FOR_EACH_CPU
void radix_4_stage(const Row* __restrict from, Row* __restrict to, const Root* __restrict roots,
                   std::size_t rest, std::size_t groups) {
    const std::size_t far = groups * rest;
    for (std::size_t p = 0; p < rest; ++p) {
        const Root one = roots[4 * p + 1], two = roots[4 * p + 2], three = roots[4 * p + 3];
        for (std::size_t q = 0; q < groups; ++q) {
            const Row* x = from + q + groups * p;
            Row* y = to + q + groups * 4 * p;
            const Lanes sum_real = x[0].real + x[2 * far].real;
            const Lanes sum_imaginary = x[0].imaginary + x[2 * far].imaginary;
            const Lanes gap_real = x[0].real - x[2 * far].real;
            const Lanes gap_imaginary = x[0].imaginary - x[2 * far].imaginary;
            const Lanes odd_real = x[far].real + x[3 * far].real;
            const Lanes odd_imaginary = x[far].imaginary + x[3 * far].imaginary;
            // -i (x1 - x3)
            const Lanes turned_real = x[far].imaginary - x[3 * far].imaginary;
            const Lanes turned_imaginary = x[3 * far].real - x[far].real;

            y[0].real = sum_real + odd_real;
            y[0].imaginary = sum_imaginary + odd_imaginary;
            const Lanes real_1 = gap_real + turned_real;
            const Lanes imaginary_1 = gap_imaginary + turned_imaginary;
            y[groups].real = real_1 * one.real - imaginary_1 * one.imaginary;
            y[groups].imaginary = real_1 * one.imaginary + imaginary_1 * one.real;
            const Lanes real_2 = sum_real - odd_real;
            const Lanes imaginary_2 = sum_imaginary - odd_imaginary;
            y[2 * groups].real = real_2 * two.real - imaginary_2 * two.imaginary;
            y[2 * groups].imaginary = real_2 * two.imaginary + imaginary_2 * two.real;
            const Lanes real_3 = gap_real - turned_real;
            const Lanes imaginary_3 = gap_imaginary - turned_imaginary;
            y[3 * groups].real = real_3 * three.real - imaginary_3 * three.imaginary;
            y[3 * groups].imaginary = real_3 * three.imaginary + imaginary_3 * three.real;
        }
    }
}

// Any radix, straight from the definition. `unity`: the roots of 1.
BGM_FOR_EACH_CPU
void general_stage(const Row* __restrict from, Row* __restrict to, const Root* __restrict roots,
                   const Root* __restrict unity, std::size_t radix, std::size_t rest, std::size_t groups) {
    for (std::size_t p = 0; p < rest; ++p) {
        for (std::size_t j = 0; j < radix; ++j) {
            const Root root = roots[radix * p + j];
            for (std::size_t q = 0; q < groups; ++q) {
                Lanes real{}, imaginary{};
                for (std::size_t k = 0; k < radix; ++k) {
                    const Row& x = from[q + groups * (p + rest * k)];
                    const Root factor = unity[j * k % radix];
                    real += x.real * factor.real - x.imaginary * factor.imaginary;
                    imaginary += x.real * factor.imaginary + x.imaginary * factor.real;
                }
                Row& y = to[q + groups * (radix * p + j)];
                y.real = real * root.real - imaginary * root.imaginary;
                y.imaginary = real * root.imaginary + imaginary * root.real;
            }
        }
    }
}

// Of z = a + i b with real a and b: A = (Z[k] + conj Z[-k]) / 2, B = (Z[k] - conj Z[-k]) / 2i.
BGM_FOR_EACH_CPU
void split_pairs(const Row* __restrict spectrum, Row* __restrict power, std::size_t size) {
    for (std::size_t k = 0; k <= size / 2; ++k) {
        const Row& here = spectrum[k];
        const Row& mirrored = spectrum[k == 0 ? 0 : size - k];
        const Lanes real_sum = here.real + mirrored.real;
        const Lanes real_gap = here.real - mirrored.real;
        const Lanes imaginary_sum = here.imaginary + mirrored.imaginary;
        const Lanes imaginary_gap = here.imaginary - mirrored.imaginary;
        power[k].real = 0.25 * (real_sum * real_sum + imaginary_gap * imaginary_gap);
        power[k].imaginary = 0.25 * (imaginary_sum * imaginary_sum + real_gap * real_gap);
    }
}

std::vector<std::size_t> radices(std::size_t size) {
    std::vector<std::size_t> found;
    for (std::size_t radix : {4U, 2U}) {
        for (; size % radix == 0; size /= radix)
            found.push_back(radix);
    }
    for (std::size_t radix = 3; radix <= FrameFft::kPrimeMost; radix += 2) {
        for (; size % radix == 0; size /= radix)
            found.push_back(radix);
    }
    if (size != 1) found.clear();
    return found;
}

}  // namespace

bool FrameFft::possible(std::size_t size) {
    return size >= 2 && !radices(size).empty();
}

FrameFft::FrameFft(std::size_t size) : size_(size) {
    const auto add_root = [this](std::size_t turns, std::size_t whole) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(turns) / static_cast<double>(whole);
        roots_.push_back({std::cos(angle), std::sin(angle)});
    };
    for (const std::size_t radix : radices(size)) {
        const std::size_t length = size;
        size /= radix;
        stages_.push_back({.radix = radix, .rest = size, .first_root = roots_.size()});
        for (std::size_t p = 0; p < size; ++p) {
            for (std::size_t j = 0; j < radix; ++j)
                add_root(p * j, length);
        }
        for (std::size_t k = 0; k < radix; ++k)
            add_root(k, radix);
    }
}

FrameFft::Workspace::Workspace(const FrameFft& fft)
    : rows_(fft.size() * kFrames), other_rows_(fft.size() * kFrames) {}

void FrameFft::transform(Workspace& frames) const {
    std::size_t groups = 1;
    for (const Stage& stage : stages_) {
        const Root* roots = roots_.data() + stage.first_root;
        const auto* from = reinterpret_cast<const Row*>(frames.rows_.data());
        auto* to = reinterpret_cast<Row*>(frames.other_rows_.data());
        if (stage.radix == 4)
            radix_4_stage(from, to, roots, stage.rest, groups);
        else
            general_stage(from, to, roots, roots + stage.rest * stage.radix, stage.radix, stage.rest, groups);
        frames.rows_.swap(frames.other_rows_);
        groups *= stage.radix;
    }
}

void FrameFft::power(Workspace& frames, std::span<double> power) const {
    transform(frames);
    split_pairs(reinterpret_cast<const Row*>(frames.rows_.data()), reinterpret_cast<Row*>(power.data()),
                size_);
}

// A power spectrum is real and even: its transform is the inverse one but for the scale, and is real, so that
// the two frames of a pair come out apart.
void FrameFft::autocorrelation(std::span<const double> power, Workspace& lags) const {
    const double scale = 1 / static_cast<double>(size_);
    for (std::size_t bin = 0; bin < bins(); ++bin) {
        for (std::size_t frame = 0; frame < kFrames; ++frame)
            lags.at(bin, frame) = lags.at((size_ - bin) % size_, frame) =
                scale * power[bin * kFrames + frame];
    }
    transform(lags);
}

namespace {

// Of the one signal that is in the workspace.
std::vector<double> power_of_first(const FrameFft& fft, std::span<const float> samples,
                                   FrameFft::Workspace& workspace) {
    for (std::size_t i = 0; i < samples.size(); ++i)
        workspace.at(i, 0) = samples[i];
    std::vector<double> power(fft.bins() * FrameFft::kFrames);
    fft.power(workspace, power);
    return power;
}

}  // namespace

std::vector<float> power_spectrum(std::span<const float> samples) {
    const FrameFft fft(samples.size());
    FrameFft::Workspace workspace(fft);
    const std::vector<double> power = power_of_first(fft, samples, workspace);
    std::vector<float> spectrum(fft.bins());
    for (std::size_t bin = 0; bin < spectrum.size(); ++bin)
        spectrum[bin] = static_cast<float>(power[bin * FrameFft::kFrames]);
    return spectrum;
}

std::vector<float> autocorrelation(std::span<const float> samples) {
    const FrameFft fft(std::bit_ceil(std::max<std::size_t>(2 * samples.size(), 8)));
    FrameFft::Workspace workspace(fft);
    fft.autocorrelation(power_of_first(fft, samples, workspace), workspace);
    std::vector<float> lags(fft.size() / 2);
    for (std::size_t lag = 0; lag < lags.size(); ++lag)
        lags[lag] = static_cast<float>(workspace.at(lag, 0));
    return lags;
}

}  // namespace bgm
