// The discrete Fourier transform of many real frames side by side, in double precision, of any length that is
// a product of small primes.
//
// Two frames share one complex transform, as its real and its imaginary part, and the numbers of several such
// pairs lie next to each other: every step is then the same for neighbouring numbers, whatever the length,
// which is what a compiler turns into vector instructions. A plan is immutable and may be used by any number
// of threads, each with a workspace of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

class FrameFft {
 public:
    static constexpr std::size_t kPairs = 8;
    static constexpr std::size_t kFrames = 2 * kPairs;  // transformed together
    static constexpr std::size_t kPrimeMost = 31;

    /// Whether `size` has no prime factor above kPrimeMost.
    static bool possible(std::size_t size);
    /// `size` must be possible and at least 2.
    explicit FrameFft(std::size_t size);

    struct Root {
        double real, imaginary;
    };

    std::size_t size() const { return size_; }
    std::size_t bins() const { return size_ / 2 + 1; }

    class Workspace {
     public:
        explicit Workspace(const FrameFft& fft);
        /// Sample `sample` of frame `frame`, to be written before power(). All are 0 at first.
        double& at(std::size_t sample, std::size_t frame) { return rows_[sample * kFrames + frame]; }

     private:
        friend class FrameFft;
        // [size, kFrames]: the first kPairs of a row are real parts, the others imaginary ones.
        std::vector<double> rows_, other_rows_;
    };

    /// The squared magnitudes, not normalised, [bins, kFrames], of the frames in the workspace, which are
    /// overwritten.
    void power(Workspace& frames, std::span<double> power) const;

    /// From what power() gave to the autocorrelations: at(lag, frame) for every lag below size() / 2, if the
    /// frames had silence in their second half (without it, the lags wrap around).
    void autocorrelation(std::span<const double> power, Workspace& lags) const;

 private:
    void transform(Workspace& frames) const;

    struct Stage {
        std::size_t radix;
        std::size_t rest;        // what is left of the length after this stage
        std::size_t first_root;  // in roots_
    };

    std::size_t size_;
    std::vector<Stage> stages_;
    // For each stage [rest, radix] the factors exp(-2 pi i p j / (radix * rest)), then the radix roots of
    // unity.
    std::vector<Root> roots_;
};

/// Of one signal: for a few of them, since this costs as much as kFrames do together.
/// The squared magnitudes, not normalised; the length must be possible.
std::vector<float> power_spectrum(std::span<const float> samples);
/// At every lag below the signal's length, at least.
std::vector<float> autocorrelation(std::span<const float> samples);

}  // namespace bgm
